"""What is owed and where it is booked."""

from django.db import models


class AccrualKind(models.TextChoices):
    """What a barber comes to owe."""

    COMMISSION = "commission"
    RENT = "rent"
    PLATFORM_FEE = "platform_fee"
    LATE_FEE = "late_fee"
    # Corrects another accrual, by the same account of income.
    ADJUSTMENT = "adjustment"
    # A negative payable becomes owed, or a credit becomes payable.
    CARRIED_OVER = "carried_over"
    # A debit that was given back to the barber is owed again; its movement posts it.
    REPAID = "repaid"


class AccountCode(models.TextChoices):
    """The ledger's accounts; `+` is debit: the platform holds more or is owed more."""

    CLEARING = "clearing"
    PAYABLE = "payable"
    RECEIVABLE = "receivable"
    COMMISSION = "commission"
    SUSPENSE = "suspense"
    PROCESSING_FEES = "processing_fees"
    BANK = "bank"
    RENT = "rent"
    CHARGES = "charges"  # platform and late fees
    WAIVED = "waived"
    EXCHANGE = "exchange"


class PostingSource(models.TextChoices):
    MOVEMENT = "movement"
    ACCRUAL = "accrual"
    # What a person decided: netting, paid by hand.
    ATTEMPT = "attempt"
    # What a person decided about a whole collection: waived.
    COLLECTION = "collection"
    # An audited act of a person: goodwill.
    AUDIT_ENTRY = "audit_entry"
