"""Which states and choices exist in payments, and which moves between states."""

from django.db import models


class Mode(models.TextChoices):
    """Who takes the client's money."""

    CENTRALIZED = "centralized"
    DECENTRALIZED = "decentralized"
    HYBRID = "hybrid"


class Decision(models.TextChoices):
    """Where one payment goes."""

    CENTRALIZED = "centralized"
    EXTERNAL = "external"
    FALLBACK = "fallback"
    SPLIT = "split"


class PaymentState(models.TextChoices):
    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    UNKNOWN = "unknown"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


_P = PaymentState

PAYMENT_TRANSITIONS: dict[str, frozenset[str]] = {
    _P.PENDING: frozenset({_P.PROCESSING, _P.CANCELED}),
    # Canceled: the payer of a split sale gave up its second half, and the first hold is released.
    _P.PROCESSING: frozenset(
        {_P.REQUIRES_ACTION, _P.UNKNOWN, _P.COMPLETED, _P.FAILED, _P.CANCELED}
    ),
    _P.REQUIRES_ACTION: frozenset(
        {_P.PROCESSING, _P.COMPLETED, _P.FAILED, _P.CANCELED, _P.UNKNOWN}
    ),
    _P.UNKNOWN: frozenset(
        {_P.PROCESSING, _P.REQUIRES_ACTION, _P.COMPLETED, _P.FAILED, _P.CANCELED}
    ),
    _P.COMPLETED: frozenset(),
    _P.FAILED: frozenset(),
    _P.CANCELED: frozenset(),
}

FINAL_PAYMENT_STATES = frozenset({_P.COMPLETED, _P.FAILED, _P.CANCELED})


class LegRole(models.TextChoices):
    MAIN = "main"
    COMMISSION = "commission"


class LegOperation(models.TextChoices):
    """What is in flight at the processor."""

    CHARGE = "charge"
    AUTHORIZE = "authorize"
    CAPTURE = "capture"
    VOID = "void"


class LegState(models.TextChoices):
    SUBMITTED = "submitted"
    REQUIRES_ACTION = "requires_action"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    UNKNOWN = "unknown"
    FAILED = "failed"
    VOIDED = "voided"


_L = LegState

LEG_TRANSITIONS: dict[str, frozenset[str]] = {
    _L.SUBMITTED: frozenset(
        {_L.CAPTURED, _L.AUTHORIZED, _L.REQUIRES_ACTION, _L.FAILED, _L.UNKNOWN}
    ),
    _L.REQUIRES_ACTION: frozenset({_L.CAPTURED, _L.AUTHORIZED, _L.FAILED, _L.VOIDED, _L.UNKNOWN}),
    # Failed: the account's credentials are gone, so nothing of ours will ever capture the hold.
    _L.AUTHORIZED: frozenset({_L.CAPTURED, _L.VOIDED, _L.FAILED, _L.UNKNOWN}),
    _L.UNKNOWN: frozenset({_L.CAPTURED, _L.AUTHORIZED, _L.REQUIRES_ACTION, _L.FAILED, _L.VOIDED}),
    _L.CAPTURED: frozenset(),
    _L.FAILED: frozenset(),
    _L.VOIDED: frozenset(),
}

# Refusals of ours rather than the payer's: the platform may try instead.
TECHNICAL_FAILURES = frozenset({"refused", "credentials", "not_reached"})

# Legs that moved no money and never will; another leg of the same role may follow.
CLOSED_LEG_STATES = frozenset({_L.FAILED, _L.VOIDED})
# Legs with a call under way while their lease runs; a held leg waits for its turn without one.
IN_FLIGHT_STATES = [_L.SUBMITTED, _L.AUTHORIZED]
# Legs whose processor is asked what became of them.
ASKED_ABOUT_STATES = [_L.UNKNOWN, _L.REQUIRES_ACTION]
SETTLED_LEG_STATES = CLOSED_LEG_STATES | {_L.CAPTURED}


class FailureKind(models.TextChoices):
    """Why a leg failed, by who said so."""

    DECLINED = "declined"
    AUTHENTICATION = "authentication"
    REFUSED = "refused"
    CREDENTIALS = "credentials"
    NOT_REACHED = "not_reached"
    HOLD_ENDED = "hold_ended"


class RefundState(models.TextChoices):
    """Where one part of a refund stands."""

    SUBMITTED = "submitted"
    PENDING = "pending"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


_R = RefundState

REFUND_TRANSITIONS: dict[str, frozenset[str]] = {
    _R.SUBMITTED: frozenset({_R.PENDING, _R.SUCCEEDED, _R.FAILED, _R.CANCELED, _R.UNKNOWN}),
    _R.PENDING: frozenset({_R.SUCCEEDED, _R.FAILED, _R.CANCELED}),
    _R.UNKNOWN: frozenset({_R.PENDING, _R.SUCCEEDED, _R.FAILED, _R.CANCELED}),
    # The processor may say so days later.
    _R.SUCCEEDED: frozenset({_R.FAILED}),
    _R.FAILED: frozenset(),
    _R.CANCELED: frozenset(),
}


class RefundStatus(models.TextChoices):
    """Where a whole request stands, as people see it."""

    PROCESSING = "processing"
    PENDING = "pending"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    PARTIALLY_SUCCEEDED = "partially_succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


# Money may still leave for them: their amount is reserved.
OPEN_REFUND_STATES = frozenset({_R.SUBMITTED, _R.PENDING, _R.UNKNOWN})
# The money is the account's again, or never left it.
CLOSED_REFUND_STATES = frozenset({_R.FAILED, _R.CANCELED})


class DiscrepancyKind(models.TextChoices):
    """What differs between the processor's word and ours."""

    MONEY_ON_CLOSED_LEG = "money_on_closed_leg"
    UNEXPLAINED_MOVEMENT = "unexplained_movement"
    OUTCOME_UNKNOWN = "outcome_unknown"
    HOLD_ENDS = "hold_ends"
    REFUND_UNKNOWN = "refund_unknown"
    COMPENSATION_FAILED = "compensation_failed"
    MONEY_ON_CLOSED_REFUND = "money_on_closed_refund"
    AMOUNT_DIFFERS = "amount_differs"
    MONEY_ON_CLOSED_PAYOUT = "money_on_closed_payout"
    DEBIT_UNKNOWN = "debit_unknown"
    FEE_UNKNOWN = "fee_unknown"
    PARENT_MISSING = "parent_missing"
    # What a reconciliation finds, one for an object: the most serious.
    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"
    STATUS_DIFFERS = "status_differs"
    CURRENCY_DIFFERS = "currency_differs"
    FEE_DIFFERS = "fee_differs"
    VISIT_PAID_TWICE = "visit_paid_twice"
    LEG_WITHOUT_MOVEMENT = "leg_without_movement"
    ENTRY_WITHOUT_MOVEMENT = "entry_without_movement"


class Fix(models.TextChoices):
    """How a difference may be settled."""

    ACCEPT_THEIRS = "accept_theirs"
    CREATE = "create"
    LINK = "link"
    REFUND_ONE = "refund_one"
    REFUND_IT = "refund_it"
    IGNORE = "ignore"


class MatchRule(models.TextChoices):
    """What linked a sale to its appointment."""

    REFERENCE = "reference"
    AMOUNT_AND_TIME = "amount_and_time"


class ReconciliationOutcome(models.TextChoices):
    COMPLETED = "completed"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class DiscrepancyState(models.TextChoices):
    OPEN = "open"
    RESOLVED = "resolved"


DISCREPANCY_TRANSITIONS: dict[str, frozenset[str]] = {
    DiscrepancyState.OPEN: frozenset({DiscrepancyState.RESOLVED}),
    DiscrepancyState.RESOLVED: frozenset(),
}


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


class CollectionFrequency(models.TextChoices):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class ClientPreference(models.TextChoices):
    PLATFORM = "platform"
    EXTERNAL = "external"


class SyncOutcome(models.TextChoices):
    """How a reading of an account's lists ended; `paused` and `interrupted` go on by themselves."""

    COMPLETED = "completed"
    PAUSED = "paused"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class DisputeState(models.TextChoices):
    """As `processors.contract.DisputeState`; money is not in it."""

    INQUIRY = "inquiry"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"


_D = DisputeState

# Facts may be missed in between, so a dispute may skip states. Only a newer fact moves it: an
# inquiry that was closed may still become a dispute, and one that was decided may be appealed.
DISPUTE_TRANSITIONS: dict[str, frozenset[str]] = {
    _D.INQUIRY: frozenset({_D.NEEDS_RESPONSE, _D.UNDER_REVIEW, _D.WON, _D.LOST, _D.CLOSED}),
    _D.NEEDS_RESPONSE: frozenset({_D.UNDER_REVIEW, _D.WON, _D.LOST, _D.CLOSED}),
    _D.UNDER_REVIEW: frozenset({_D.NEEDS_RESPONSE, _D.WON, _D.LOST, _D.CLOSED}),
    _D.WON: frozenset({_D.NEEDS_RESPONSE, _D.UNDER_REVIEW, _D.LOST}),
    _D.LOST: frozenset({_D.NEEDS_RESPONSE, _D.UNDER_REVIEW, _D.WON}),
    _D.CLOSED: frozenset({_D.NEEDS_RESPONSE, _D.UNDER_REVIEW, _D.WON, _D.LOST}),
}

# Somebody may still have to answer, or the bank to decide.
OPEN_DISPUTE_STATES = frozenset({_D.INQUIRY, _D.NEEDS_RESPONSE, _D.UNDER_REVIEW})


class PayoutState(models.TextChoices):
    SUBMITTED = "submitted"
    UNKNOWN = "unknown"
    PAID = "paid"
    FAILED = "failed"
    PARTLY_REVERSED = "partly_reversed"
    REVERSED = "reversed"


_O = PayoutState

PAYOUT_TRANSITIONS: dict[str, frozenset[str]] = {
    _O.SUBMITTED: frozenset({_O.PAID, _O.FAILED, _O.UNKNOWN}),
    _O.UNKNOWN: frozenset({_O.PAID, _O.FAILED}),
    _O.PAID: frozenset({_O.PARTLY_REVERSED, _O.REVERSED}),
    _O.PARTLY_REVERSED: frozenset({_O.REVERSED}),
    _O.REVERSED: frozenset(),
    _O.FAILED: frozenset(),
}

OPEN_PAYOUT_STATES = frozenset({_O.SUBMITTED, _O.UNKNOWN})
# The transfer was made, whatever came back of it later.
MADE_PAYOUT_STATES = frozenset({_O.PAID, _O.PARTLY_REVERSED, _O.REVERSED})


class BankState(models.TextChoices):
    """What the receiving account says of its own payment to the bank; it moves nothing here."""

    NONE = "none"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    FAILED = "failed"
    RETURNED = "returned"


class PayoutObstacle(models.TextChoices):
    """Why a barber is not paid out now."""

    IN_FLIGHT = "in_flight"
    NO_ACCOUNT = "no_account"
    ACCOUNT_CANNOT_RECEIVE = "account_cannot_receive"
    PAYOUTS_DISABLED = "payouts_disabled"
    PLATFORM_NOT_CONNECTED = "platform_not_connected"
    FUNDS_NOT_AVAILABLE = "funds_not_available"
    FEE_UNKNOWN = "fee_unknown"
    BELOW_MINIMUM = "below_minimum"
    NOTHING_OWED = "nothing_owed"
