"""Legs: attempts, and steps of attempts, that are written down before they are made."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from ..models import Payment, PaymentLeg
from ..rules.steps import Act, LegFacts, Step
from ..states import Decision, LegOperation, LegRole, LegState


def build_first_leg(payment: Payment, *, now: datetime) -> PaymentLeg:
    """The attempt that the decision asks for first; not saved yet."""
    connection_id = payment.decision_facts["connection_id"]
    if payment.decision == Decision.SPLIT:
        return _build_main_part(payment, connection_id, now)
    return build_whole_leg(payment, connection_id=connection_id, now=now)


def build_whole_leg(payment: Payment, *, connection_id: int, now: datetime) -> PaymentLeg:
    """An attempt to charge the whole payment at one connection; not saved yet."""
    return PaymentLeg(
        payment=payment,
        role=LegRole.MAIN,
        connection_id=connection_id,
        amount_minor=payment.amount_minor,
        tip_minor=payment.tip_minor,
        currency=payment.currency,
        state=LegState.SUBMITTED,
        operation=LegOperation.CHARGE,
        lease_until=_get_lease_end(),
        created_at=now,
    )


def to_facts(legs: Iterable[PaymentLeg]) -> list[LegFacts]:
    """What the rules about steps need to know of these legs."""
    return [
        LegFacts(
            role=leg.role,
            state=leg.state,
            operation=leg.operation,
            is_two_step=leg.is_two_step,
            is_in_flight=leg.state == LegState.AUTHORIZED and leg.lease_until is not None,
            is_refused=bool(leg.failure_kind),
        )
        for leg in legs
    ]


def claim_step(
    payment: Payment, *, step: Step, main: PaymentLeg, commission: PaymentLeg | None, now: datetime
) -> PaymentLeg:
    """Write down that this step is being taken; returns its leg under a lease of the caller's.

    Call it with the payment locked, in the transaction that decides it.
    """
    if step.act == Act.AUTHORIZE_COMMISSION:
        leg = _build_commission_part(payment, now)
        leg.save(force_insert=True)
        return leg
    held = commission if step.role == LegRole.COMMISSION and commission else main
    held.operation = LegOperation.VOID if step.act == Act.VOID else LegOperation.CAPTURE
    held.lease_until = _get_lease_end()
    held.next_check_at = None
    held.save(update_fields=["operation", "lease_until", "next_check_at"])
    return held


def _build_main_part(payment: Payment, connection_id: int, now: datetime) -> PaymentLeg:
    """The barber's share, tip included; more likely to be declined, so it is tried first."""
    leg = build_whole_leg(payment, connection_id=connection_id, now=now)
    leg.amount_minor -= payment.decision_facts["commission_leg"]["amount_minor"]
    leg.operation = LegOperation.AUTHORIZE
    leg.is_two_step = True
    return leg


def _build_commission_part(payment: Payment, now: datetime) -> PaymentLeg:
    part = payment.decision_facts["commission_leg"]
    leg = build_whole_leg(payment, connection_id=part["connection_id"], now=now)
    leg.role = LegRole.COMMISSION
    leg.amount_minor = part["amount_minor"]
    leg.tip_minor = 0
    leg.operation = LegOperation.AUTHORIZE
    leg.is_two_step = True
    return leg


def _get_lease_end() -> datetime:
    # By the real clock, which the sweeper compares with, whatever day the sale is dated.
    return timezone.now() + timedelta(seconds=settings.CHARGE_LEASE_SECONDS)
