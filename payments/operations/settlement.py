"""`settle_leg`: the one function that gives a leg its outcome."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings

from bookedbarber.foundation import idempotency
from bookedbarber.foundation.database import retry_transaction
from bookedbarber.foundation.idempotency import KeyedRequest
from bookedbarber.foundation.jobs import enqueue_on_commit
from bookedbarber.foundation.transitions import move
from processors.contract import Movement, NextAction

from ..models import Payment, PaymentLeg
from ..rules.questions import get_next_check
from ..states import (
    FINAL_PAYMENT_STATES,
    SETTLED_LEG_STATES,
    TECHNICAL_FAILURES,
    FailureKind,
    LegState,
    PaymentState,
)
from .fallbacks import fall_back
from .movements import MovementFact, record_movements


class Outcome(StrEnum):
    CAPTURED = "captured"
    REQUIRES_ACTION = "requires_action"
    FAILED = "failed"
    VOIDED = "voided"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of a leg's outcome, whoever found out.

    `captured` comes with its movement; `failed` with who refused and why; `requires_action` with
    what the payer must do; an unknown one says whether the processor answered at all.
    """

    outcome: Outcome
    external_id: str = ""
    movement: Movement | None = None
    next_action: NextAction | None = None
    failure_kind: FailureKind | None = None
    code: str = ""
    message: str = ""
    is_unanswered: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """The payment as it now stands, and the leg that must be charged next, if there is one."""

    payment: Payment
    next_leg: PaymentLeg | None = None


_PAYMENT_STATE_AFTER = {
    LegState.CAPTURED: PaymentState.COMPLETED,
    LegState.FAILED: PaymentState.FAILED,
    LegState.VOIDED: PaymentState.CANCELED,
    LegState.REQUIRES_ACTION: PaymentState.REQUIRES_ACTION,
    LegState.UNKNOWN: PaymentState.UNKNOWN,
}


@retry_transaction
def settle_leg(
    *,
    leg: PaymentLeg,
    evidence: Evidence,
    by: str,
    now: datetime,
    keyed: KeyedRequest | None = None,
) -> Settled:
    """Bring a leg, its payment, movement, commission and postings to what the evidence says.

    One transaction; repeating it changes nothing, and nothing un-settles a leg. Money on one that
    was closed without it is recorded, unexplained, and becomes a discrepancy. A technical
    refusal with a fallback agreed on claims the platform's leg in the same transaction. With
    `keyed`, the answer is frozen when the payment is final, else the key's lease ends.
    """
    payment = Payment.objects.select_for_update(of=["self"]).get(pk=leg.payment_id)
    row = (
        PaymentLeg.objects.select_for_update(of=["self"])
        .select_related("connection")
        .get(pk=leg.pk)
    )
    was_open = row.state not in SETTLED_LEG_STATES
    _move_leg(row, evidence, by, now)
    if evidence.movement is not None:
        record_movements([MovementFact(row.connection, evidence.movement)], by=by, now=now)
    next_leg = _continue(payment, row, by, now) if was_open else None
    if next_leg is None and keyed is not None:
        _answer(keyed, payment, now)
    return Settled(payment, next_leg)


def _continue(payment: Payment, leg: PaymentLeg, by: str, now: datetime) -> PaymentLeg | None:
    """The next leg, or the payment's new state."""
    if leg.failure_kind == FailureKind.CREDENTIALS:
        # Confirmed by a call of its own, off this path, before the connection counts as expired.
        enqueue_on_commit("payments.check_connection", connection_id=leg.connection_id)
    if leg.state == LegState.FAILED and leg.failure_kind in TECHNICAL_FAILURES:
        next_leg = fall_back(payment=payment, failed=leg, now=now)
        if next_leg is not None:
            return next_leg
    _move_payment(payment, leg, by, now)
    return None


def _move_leg(leg: PaymentLeg, evidence: Evidence, by: str, now: datetime) -> None:
    if leg.state in SETTLED_LEG_STATES:
        # Later word about it changes nothing here; money that it brings is recorded, and where
        # there should be none it becomes a discrepancy.
        return
    to = LegState(evidence.outcome.value)
    changes = _get_changes(leg, evidence, to, now)
    if leg.state == to:
        PaymentLeg.objects.filter(pk=leg.pk).update(**changes)
    else:
        move(leg, to, by=by, reason=evidence.message or evidence.code, **changes)


def _get_changes(
    leg: PaymentLeg, evidence: Evidence, to: LegState, now: datetime
) -> dict[str, object]:
    changes: dict[str, object] = {
        "lease_until": None,
        "next_check_at": None,
        "is_unanswered": evidence.is_unanswered,
        "sealed_next_action": None,
    }
    if evidence.external_id:
        changes["external_id"] = evidence.external_id
    if to == LegState.UNKNOWN:
        schedule = settings.QUESTION_SCHEDULE_SECONDS
        changes["next_check_at"] = get_next_check(asked=leg.checks, schedule=schedule, now=now)
    if to == LegState.REQUIRES_ACTION:
        changes |= _get_action_changes(leg, evidence, now)
    if evidence.failure_kind is not None:
        changes["failure_kind"] = evidence.failure_kind
        changes["failure_code"] = evidence.code[:100]
        changes["failure_message"] = evidence.message
    return changes


def _get_action_changes(leg: PaymentLeg, evidence: Evidence, now: datetime) -> dict[str, object]:
    """The payer has until then; afterwards the charge is canceled at the processor."""
    expires_at = leg.action_expires_at or now + timedelta(seconds=settings.AUTHENTICATION_SECONDS)
    action = evidence.next_action
    return {
        "sealed_next_action": None if action is None else leg.seal_next_action(action),
        "action_expires_at": expires_at,
        "next_check_at": expires_at,
    }


def _move_payment(payment: Payment, leg: PaymentLeg, by: str, now: datetime) -> None:
    to = _PAYMENT_STATE_AFTER[LegState(leg.state)]
    if payment.state == to:
        return
    changes: dict[str, object] = {}
    if to == PaymentState.COMPLETED:
        changes["completed_at"] = now
    if to in FINAL_PAYMENT_STATES:
        changes["sealed_tokens"] = None
    move(payment, to, by=by, reason=leg.failure_message, **changes)


def _answer(keyed: KeyedRequest, payment: Payment, now: datetime) -> None:
    if payment.state in FINAL_PAYMENT_STATES:
        idempotency.keep_answer(keyed, payment)
    else:
        idempotency.release(keyed, now=now)
