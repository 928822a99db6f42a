"""A payment as people see it: amounts, fees as far as they are known, and its legs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from bookedbarber.foundation.database import CompiledQuery
from bookedbarber.foundation.money import Money
from processors.contract import NextAction

from ..models import ExternalTransaction, Payment, PaymentLeg
from ..states import Decision, PaymentState
from .legs import list_legs


@dataclass(frozen=True, slots=True, kw_only=True)
class LegDescription:
    id: str
    role: str
    connection_id: int
    processor: str
    status: str
    amount: Money
    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why the last attempt failed: who refused, the processor's code, its sentence."""

    kind: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDescription:
    payment_id: str
    status: str
    payment_type: str
    amount: Money
    tip_amount: Money
    currency: str
    processing_fee: Money
    processing_fee_is_estimate: bool
    commission_amount: Money
    commission_collected: bool
    net_amount: Money
    routing_decision: str
    external_processor: str | None
    barber_id: int
    appointment_id: int | None
    visit_part: int
    created_at: datetime
    processed_at: datetime | None
    failure: Failure | None
    next_action: NextAction | None
    checkout_url: str | None
    legs: tuple[LegDescription, ...]
    routing_details: dict[str, Any]
    metadata: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parts:
    """What else a payment is described by; the legs in the order of their making."""

    legs: Sequence[PaymentLeg]
    movements: Sequence[ExternalTransaction]


_MOVEMENTS = CompiledQuery(lambda: ExternalTransaction.objects.filter(payment=0))


def load_parts(payment: Payment) -> Parts:
    """Read what a description of this one payment needs, as it now is, in two statements."""
    return Parts(list_legs(payment.pk), _MOVEMENTS.fetch(payment.pk))


def describe_payment(payment: Payment, parts: Parts | None = None) -> PaymentDescription:
    """Without `parts` it needs `PaymentQuerySet.with_parts` to cost no statement of its own."""
    parts = parts or _get_parts(payment)
    legs = parts.legs
    fee, is_estimate = _get_fee(payment, parts.movements)
    is_external = payment.decision == Decision.EXTERNAL
    uses_own_account = payment.decision in {Decision.EXTERNAL, Decision.SPLIT}
    return PaymentDescription(
        payment_id=payment.public_id,
        status=payment.status,
        payment_type=payment.decision,
        amount=payment.amount,
        tip_amount=payment.tip,
        currency=payment.currency,
        processing_fee=fee,
        processing_fee_is_estimate=is_estimate,
        commission_amount=payment.commission,
        # The platform keeps its share at the sale wherever it took the money itself.
        commission_collected=not is_external and payment.completed_at is not None,
        net_amount=payment.amount - fee - payment.commission,
        routing_decision=payment.decision,
        external_processor=_get_external_processor(payment) if uses_own_account else None,
        barber_id=payment.barber_id,
        appointment_id=payment.appointment_id,
        visit_part=payment.visit_part,
        created_at=payment.created_at,
        processed_at=payment.completed_at,
        failure=_get_failure(payment, legs),
        next_action=_get_next_action(payment, legs),
        checkout_url=_get_checkout_url(payment),
        legs=tuple(_describe_leg(leg) for leg in legs),
        routing_details=_get_routing_details(payment),
        metadata=payment.metadata,
    )


def _get_parts(payment: Payment) -> Parts:
    legs = sorted(payment.legs.all(), key=lambda leg: leg.pk)
    return Parts(legs, list(payment.movements.all()))


def _get_external_processor(payment: Payment) -> str:
    """Whom the decision names; before the payer submits there is no leg yet."""
    chosen = payment.decision_facts["connection_id"]
    candidates = payment.decision_facts["candidates"]
    return str(next(c["processor"] for c in candidates if c["connection_id"] == chosen))


def _get_fee(payment: Payment, movements: Sequence[ExternalTransaction]) -> tuple[Money, bool]:
    """The processor's own figure, else the estimate of the decision. Of a split sale the barber
    bears the fee of his own leg."""
    sales = [movement for movement in movements if movement.is_sale]
    known = [sale.fee_minor for sale in sales if sale.fee_minor is not None]
    if known and len(known) == len(sales):
        return Money(sum(known), payment.currency), False
    return Money(payment.decision_facts["expected_fee_minor"], payment.currency), True


def _get_next_action(payment: Payment, legs: Sequence[PaymentLeg]) -> NextAction | None:
    if payment.state != PaymentState.REQUIRES_ACTION:
        return None
    actions = (leg.get_next_action() for leg in reversed(legs))
    return next((action for action in actions if action is not None), None)


def _get_checkout_url(payment: Payment) -> str | None:
    """Where the payer of a pending payment goes."""
    if payment.state != PaymentState.PENDING:
        return None
    return f"{settings.PUBLIC_URL}/pay/{payment.public_id}"


def _get_failure(payment: Payment, legs: Sequence[PaymentLeg]) -> Failure | None:
    failed = [leg for leg in legs if leg.failure_kind]
    if not failed or payment.state not in {PaymentState.FAILED, PaymentState.CANCELED}:
        return None
    last = failed[-1]
    return Failure(kind=last.failure_kind, code=last.failure_code, message=last.failure_message)


def _describe_leg(leg: PaymentLeg) -> LegDescription:
    return LegDescription(
        id=leg.public_id,
        role=leg.role,
        connection_id=leg.connection_id,
        processor=leg.connection.processor,
        status=leg.state,
        amount=leg.amount,
        external_id=leg.external_id,
    )


def _get_routing_details(payment: Payment) -> dict[str, Any]:
    shown = ("payment_mode", "reason", "explanation", "fallback_available", "candidates")
    details = {name: payment.decision_facts[name] for name in shown}
    return {"commission_rate": f"{payment.commission_rate:.2f}", **details}
