"""Kinds of money that moves on an account, what it is for, and how its lists were read."""

from django.db import models


class TransactionState(models.TextChoices):
    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


class TransactionKind(models.TextChoices):
    """What moved the money, and so which way; as `processors.contract.MovementKind`."""

    CHARGE = "charge"
    REFUND = "refund"
    REFUND_FAILED = "refund_failed"
    DISPUTE = "dispute"
    DISPUTE_WON = "dispute_won"
    TRANSFER = "transfer"
    TRANSFER_REVERSED = "transfer_reversed"
    BANK_PAYOUT = "bank_payout"
    BANK_PAYOUT_FAILED = "bank_payout_failed"
    PROCESSOR_CHARGE = "processor_charge"
    PROCESSOR_CREDIT = "processor_credit"
    CONVERSION_OUT = "conversion_out"
    CONVERSION_IN = "conversion_in"


_K = TransactionKind

# Movements that are summed by the object around them: a dispute, a transfer.
GROUPED_KINDS = [_K.DISPUTE, _K.DISPUTE_WON, _K.TRANSFER_REVERSED]


class Purpose(models.TextChoices):
    """What a movement is for. One about another movement has the purpose of that one."""

    SALE = "sale"
    UNEXPLAINED = "unexplained"
    # The platform's share of a split sale, charged on its own account.
    COMMISSION = "commission"
    # To a barber, of what we owe him; and from him, of what he owes.
    PAYOUT = "payout"
    DEBIT = "debit"
    # The account owner's own business: bank payouts, what its processor charges and converts.
    OWN = "own"


class SyncOutcome(models.TextChoices):
    """How a reading of an account's lists ended; `paused` and `interrupted` go on by themselves."""

    COMPLETED = "completed"
    PAUSED = "paused"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
