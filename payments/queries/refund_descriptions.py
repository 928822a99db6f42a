"""A refund as people see it: one request with its parts, and which of a payment's are shown."""

from dataclasses import dataclass
from datetime import datetime

from bookedbarber.foundation.money import Money, total

from ..models import Payment, Refund
from ..rules.refunds import summarize_refund
from ..states import CLOSED_REFUND_STATES, RefundState, RefundStatus
from .payment_descriptions import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPartDescription:
    id: str
    leg_id: str
    role: str
    connection_id: int
    processor: str
    status: str
    amount: Money
    external_id: str
    failure: Failure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundDescription:
    """`made_at_processor`: in its dashboard, not through us. `undoes_failed_payment`: nobody asked
    for it; the payment failed after a part of it had been captured."""

    refund_id: str
    payment_id: str
    status: RefundStatus
    amount: Money
    refunded_amount: Money
    currency: str
    reason: str
    made_at_processor: bool
    undoes_failed_payment: bool
    created_at: datetime
    failure: Failure | None
    parts: tuple[RefundPartDescription, ...]


def describe_refund(refund: Refund) -> RefundDescription:
    """`refund` is the first part; needs `with_parts` to cost no statement of its own."""
    rows = sorted(refund.parts.all(), key=lambda part: part.pk)
    parts = tuple(_describe_part(row) for row in rows)
    done = [row.amount for row in rows if row.state == RefundState.SUCCEEDED]
    return RefundDescription(
        refund_id=refund.request_id,
        payment_id=refund.payment.public_id,
        status=summarize_refund([RefundState(row.state) for row in rows]),
        amount=total((row.amount for row in rows), refund.currency),
        refunded_amount=total(done, refund.currency),
        currency=refund.currency,
        reason=refund.reason,
        made_at_processor=refund.is_foreign,
        undoes_failed_payment=refund.is_compensation,
        created_at=refund.created_at,
        failure=next((part.failure for part in parts if part.failure), None),
        parts=parts,
    )


def list_refunds_of(payment: Payment) -> list[RefundDescription]:
    """The requests about a payment, newest first."""
    requests = Refund.objects.filter(payment=payment).first_parts().with_parts().order_by("-pk")
    return [describe_refund(refund) for refund in requests]


def _describe_part(row: Refund) -> RefundPartDescription:
    return RefundPartDescription(
        id=row.public_id,
        leg_id=row.leg.public_id,
        role=row.leg.role,
        connection_id=row.leg.connection_id,
        processor=row.leg.connection.processor,
        status=row.state,
        amount=row.amount,
        external_id=row.external_id,
        failure=_get_failure(row),
    )


def _get_failure(row: Refund) -> Failure | None:
    if row.state not in CLOSED_REFUND_STATES:
        return None
    return Failure(kind=row.failure_kind, code=row.failure_code, message=row.failure_message)
