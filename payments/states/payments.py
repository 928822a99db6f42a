"""Where a payment stands, and which moves exist."""

from django.db import models


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
