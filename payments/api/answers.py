"""A payment → the status and body of the answer about it."""

from bookedbarber.foundation.api.errors import build_body
from bookedbarber.foundation.idempotency import Answer

from ..models import Payment
from ..queries.payment_descriptions import (
    Failure,
    PaymentDescription,
    describe_payment,
    load_parts,
)
from ..states import FailureKind, PaymentState
from .serializers import PaymentOutput

# Building a serializer's fields takes longer than writing with them.
_OUTPUT = PaymentOutput()

# States in which the outcome is not known yet; all others are answers.
_NOT_KNOWN_YET = {PaymentState.UNKNOWN, PaymentState.PROCESSING}

# Who refused → (HTTP status, code).
_FAILURES = {
    FailureKind.DECLINED: (402, "PAYMENT_DECLINED"),
    FailureKind.AUTHENTICATION: (402, "PAYMENT_DECLINED"),
    FailureKind.REFUSED: (424, "EXTERNAL_API_ERROR"),
    FailureKind.CREDENTIALS: (424, "EXTERNAL_API_ERROR"),
    FailureKind.NOT_REACHED: (424, "EXTERNAL_PROCESSOR_UNAVAILABLE"),
}


def answer_for(payment: Payment) -> Answer:
    """201 made, 202 not known yet, 402 declined by the payer's side, 424 by the processor."""
    description = describe_payment(payment, load_parts(payment))
    if payment.state in {PaymentState.FAILED, PaymentState.CANCELED} and description.failure:
        return _answer_for_failure(description, description.failure)
    status = 202 if payment.state in _NOT_KNOWN_YET else 201
    return status, render_payment(description)


def render_payment(description: PaymentDescription) -> dict[str, object]:
    return dict(_OUTPUT.to_representation(description))


def _answer_for_failure(description: PaymentDescription, failure: Failure) -> Answer:
    status, code = _FAILURES[FailureKind(failure.kind)]
    details = {"reason": failure.code, "payment": render_payment(description)}
    return status, build_body(code, failure.message, details)
