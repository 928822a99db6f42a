"""What follows when a leg has an outcome: the next step of its payment, or the payment's end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bookedbarber.foundation.transitions import move

from ..models import Payment, PaymentLeg, Refund
from ..rules.steps import decide_next_step, get_payment_state
from ..states import (
    FINAL_PAYMENT_STATES,
    TECHNICAL_FAILURES,
    LegRole,
    LegState,
    PaymentState,
)
from .compensations import claim_compensations
from .fallbacks import fall_back
from .legs import claim_step, to_facts


@dataclass(frozen=True, slots=True)
class Claimed:
    """The calls to make now: about a leg, or refunds that undo what was captured, or none."""

    leg: PaymentLeg | None = None
    refunds: tuple[Refund, ...] = ()


def go_on(
    payment: Payment, *, legs: Sequence[PaymentLeg], settled: PaymentLeg, by: str, now: datetime
) -> Claimed:
    """Claim what follows, and move the payment to where it now stands.

    Call it with the payment locked; `legs` are all of its legs in the order of their making.
    """
    leg = _claim_next(payment, legs, settled, now)
    latest = _get_latest(legs if leg is None else [*legs, leg])
    to = get_payment_state(to_facts(latest.values()))
    was_final = payment.state in FINAL_PAYMENT_STATES
    _move_payment(payment, to, latest, by, now)
    if was_final or to not in FINAL_PAYMENT_STATES:
        return Claimed(leg)
    return Claimed(leg, claim_compensations(latest, by=by, now=now))


def _claim_next(
    payment: Payment, legs: Sequence[PaymentLeg], settled: PaymentLeg, now: datetime
) -> PaymentLeg | None:
    if settled.state == LegState.FAILED and settled.failure_kind in TECHNICAL_FAILURES:
        fallback = fall_back(payment=payment, legs=legs, failed=settled, now=now)
        if fallback is not None:
            return fallback
    latest = _get_latest(legs)
    step = decide_next_step(to_facts(latest.values()))
    if step is None:
        return None
    main, commission = latest[LegRole.MAIN], latest.get(LegRole.COMMISSION)
    return claim_step(payment, step=step, main=main, commission=commission, now=now)


def _get_latest(legs: Sequence[PaymentLeg]) -> dict[str, PaymentLeg]:
    """The leg of each role that counts: an earlier one failed, and this one took over."""
    return {leg.role: leg for leg in legs}


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
