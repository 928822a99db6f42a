"""What follows when a leg has an outcome: the next step of its payment, or the payment's end."""

from collections.abc import Sequence
from datetime import datetime

from bookedbarber.foundation.transitions import move

from ..models import Payment, PaymentLeg
from ..rules.steps import LegFacts, decide_next_step, get_payment_state
from ..states import (
    FINAL_PAYMENT_STATES,
    TECHNICAL_FAILURES,
    LegRole,
    LegState,
    PaymentState,
)
from .fallbacks import fall_back
from .legs import claim_step


def go_on(
    payment: Payment, legs: Sequence[PaymentLeg], *, settled: PaymentLeg, by: str, now: datetime
) -> PaymentLeg | None:
    """Claim the next call and return its leg, or None; move the payment to where it now stands.

    Call it with the payment locked; `legs` are all of its legs in the order of their making.
    """
    next_leg = _claim_next(payment, legs, settled, now)
    latest = _get_latest(legs if next_leg is None else [*legs, next_leg])
    _move_payment(payment, get_payment_state(_to_facts(latest)), latest, by, now)
    return next_leg


def _claim_next(
    payment: Payment, legs: Sequence[PaymentLeg], settled: PaymentLeg, now: datetime
) -> PaymentLeg | None:
    if settled.state == LegState.FAILED and settled.failure_kind in TECHNICAL_FAILURES:
        fallback = fall_back(payment=payment, legs=legs, failed=settled, now=now)
        if fallback is not None:
            return fallback
    latest = _get_latest(legs)
    step = decide_next_step(_to_facts(latest))
    if step is None:
        return None
    main, commission = latest[LegRole.MAIN], latest.get(LegRole.COMMISSION)
    return claim_step(payment, step=step, main=main, commission=commission, now=now)


def _get_latest(legs: Sequence[PaymentLeg]) -> dict[str, PaymentLeg]:
    """The leg of each role that counts: an earlier one failed, and this one took over."""
    return {leg.role: leg for leg in legs}


def _to_facts(latest: dict[str, PaymentLeg]) -> list[LegFacts]:
    return [
        LegFacts(
            role=leg.role,
            state=leg.state,
            operation=leg.operation,
            is_two_step=leg.is_two_step,
            is_in_flight=leg.state == LegState.AUTHORIZED and leg.lease_until is not None,
            is_refused=bool(leg.failure_kind),
        )
        for leg in latest.values()
    ]


def _move_payment(
    payment: Payment,
    to: PaymentState,
    latest: dict[str, PaymentLeg],
    by: str,
    now: datetime,
) -> None:
    if payment.state == to:
        return
    changes: dict[str, object] = {}
    if to == PaymentState.COMPLETED:
        changes["completed_at"] = now
    if to in FINAL_PAYMENT_STATES:
        changes["sealed_tokens"] = None
    reason = next((leg.failure_message for leg in latest.values() if leg.failure_message), "")
    move(payment, to, by=by, reason=reason, **changes)
