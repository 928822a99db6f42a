"""A refund → the status and body of the answer about it."""

from bookedbarber.foundation.api.errors import build_body
from bookedbarber.foundation.idempotency import Answer

from ..models import Refund
from ..queries.payment_descriptions import Failure
from ..queries.refund_descriptions import RefundDescription, describe_refund
from ..states import FailureKind, RefundStatus
from .refund_serializers import RefundOutput

# Building a serializer's fields takes longer than writing with them.
_OUTPUT = RefundOutput()

_NOT_KNOWN_YET = {RefundStatus.UNKNOWN, RefundStatus.PROCESSING}
_GIVEN_UP = {RefundStatus.FAILED, RefundStatus.CANCELED}


def answer_for_refund(refund: Refund) -> Answer:
    """201 made or accepted, 202 not known yet, 424 the processor refused every part."""
    row = Refund.objects.with_parts().get(public_id=refund.request_id)
    description = describe_refund(row)
    if description.status in _GIVEN_UP and description.failure:
        return _answer_for_failure(description, description.failure)
    status = 202 if description.status in _NOT_KNOWN_YET else 201
    return status, render_refund(description)


def render_refund(description: RefundDescription) -> dict[str, object]:
    return dict(_OUTPUT.to_representation(description))


def _answer_for_failure(description: RefundDescription, failure: Failure) -> Answer:
    is_unreached = failure.kind == FailureKind.NOT_REACHED
    code = "EXTERNAL_PROCESSOR_UNAVAILABLE" if is_unreached else "EXTERNAL_API_ERROR"
    details = {"reason": failure.code, "refund": render_refund(description)}
    return 424, build_body(code, failure.message, details)
