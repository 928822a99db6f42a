"""Which states and choices exist in collections, and which moves between states."""

from django.db import models


class RentFrequency(models.TextChoices):
    WEEKLY = "weekly"
    BIWEEKLY = "biweekly"
    MONTHLY = "monthly"
    # Due on the 15th and on the month's last day.
    TWICE_MONTHLY = "twice_monthly"


class CollectionKind(models.TextChoices):
    """What its lines are of; `mixed` where rent and the rest are netted."""

    # With fees and what was carried over.
    COMMISSION = "commission"
    RENT = "rent"
    MIXED = "mixed"


class CollectionState(models.TextChoices):
    PENDING = "pending"
    DUE = "due"
    PROCESSING = "processing"
    COLLECTED = "collected"
    FAILED = "failed"
    DISPUTED = "disputed"
    WAIVED = "waived"
    CANCELED = "canceled"


_C = CollectionState

COLLECTION_TRANSITIONS: dict[str, frozenset[str]] = {
    # Collected: the barber paid before it was due.
    _C.PENDING: frozenset({_C.DUE, _C.PROCESSING, _C.COLLECTED, _C.CANCELED, _C.WAIVED}),
    _C.DUE: frozenset({_C.PROCESSING, _C.COLLECTED, _C.FAILED, _C.CANCELED, _C.WAIVED}),
    _C.PROCESSING: frozenset({_C.COLLECTED, _C.DUE, _C.FAILED}),
    _C.FAILED: frozenset({_C.DUE, _C.PROCESSING, _C.COLLECTED, _C.CANCELED, _C.WAIVED}),
    # A debit may be returned weeks later, or its bank disputes it.
    _C.COLLECTED: frozenset({_C.FAILED, _C.DISPUTED}),
    _C.DISPUTED: frozenset({_C.COLLECTED, _C.FAILED}),
    _C.WAIVED: frozenset(),
    _C.CANCELED: frozenset(),
}

# Its money is still owed to the platform.
OPEN_COLLECTION_STATES = frozenset({_C.PENDING, _C.DUE, _C.PROCESSING, _C.FAILED, _C.DISPUTED})
# What is no longer owed, by payment or by a decision.
SETTLED_COLLECTION_STATES = frozenset({_C.COLLECTED, _C.WAIVED})
# Nothing was tried yet, or it came to nothing: it can be paid, and a person may decide otherwise.
UNTRIED_COLLECTION_STATES = frozenset({_C.PENDING, _C.DUE, _C.FAILED})
# The barber's time to contest it is over.
RETRYABLE_COLLECTION_STATES = frozenset({_C.DUE, _C.FAILED})


class LineState(models.TextChoices):
    LIVE = "live"
    CONTESTED = "contested"
    # The accrual is outstanding again.
    RELEASED = "released"


LINE_TRANSITIONS: dict[str, frozenset[str]] = {
    LineState.LIVE: frozenset({LineState.CONTESTED, LineState.RELEASED}),
    LineState.CONTESTED: frozenset({LineState.RELEASED}),
    LineState.RELEASED: frozenset(),
}


class ContestDecision(models.TextChoices):
    UPHELD = "upheld"
    REJECTED = "rejected"


class CollectionMethod(models.TextChoices):
    """How an attempt takes the money."""

    CARD = "card"
    BANK_DEBIT = "bank_debit"
    PAYOUT_DEDUCTION = "payout_deduction"
    MANUAL = "manual"


class AttemptState(models.TextChoices):
    SUBMITTED = "submitted"
    # The processor accepted a bank debit that settles days later.
    PENDING = "pending"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    RETURNED = "returned"


_A = AttemptState

ATTEMPT_TRANSITIONS: dict[str, frozenset[str]] = {
    _A.SUBMITTED: frozenset({_A.PENDING, _A.SUCCEEDED, _A.FAILED, _A.UNKNOWN}),
    _A.PENDING: frozenset({_A.SUCCEEDED, _A.FAILED}),
    _A.UNKNOWN: frozenset({_A.PENDING, _A.SUCCEEDED, _A.FAILED}),
    _A.SUCCEEDED: frozenset({_A.RETURNED}),
    # Won back, in the second round of a dispute.
    _A.RETURNED: frozenset({_A.SUCCEEDED}),
    _A.FAILED: frozenset(),
}

# Money may still move, or has moved: no other attempt beside one of these.
LIVE_ATTEMPT_STATES = frozenset({_A.SUBMITTED, _A.PENDING, _A.UNKNOWN, _A.SUCCEEDED})
OPEN_ATTEMPT_STATES = frozenset({_A.SUBMITTED, _A.PENDING, _A.UNKNOWN})


class FailureClass(models.TextChoices):
    """Why an attempt failed, by whether trying again can help."""

    NO_FUNDS = "no_funds"
    CARD_PROBLEM = "card_problem"
    PROCESSOR_TROUBLE = "processor_trouble"
    AUTHENTICATION = "authentication"
    ACCOUNT_CLOSED = "account_closed"
    MANDATE_GONE = "mandate_gone"


class MandateKind(models.TextChoices):
    CARD = "card"
    BANK_ACCOUNT = "bank_account"
