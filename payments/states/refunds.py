"""Where a refund stands, in parts and as a whole, and which moves exist."""

from django.db import models


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
