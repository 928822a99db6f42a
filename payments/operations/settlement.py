"""`settle_leg`: the one function that gives a leg its outcome."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bookedbarber.foundation import idempotency
from bookedbarber.foundation.database import retry_transaction
from bookedbarber.foundation.errors import Conflict
from bookedbarber.foundation.idempotency import KeyedRequest
from bookedbarber.foundation.transitions import move
from processors.contract import Movement

from ..models import Payment, PaymentLeg
from ..states import (
    CLOSED_LEG_STATES,
    FINAL_PAYMENT_STATES,
    SETTLED_LEG_STATES,
    FailureKind,
    LegOperation,
    LegState,
    PaymentState,
)
from .movements import MovementFact, record_movements


class MoneyOnClosedLeg(Conflict):
    """The processor says that money moved on a leg that was closed without it."""


class Outcome(StrEnum):
    CAPTURED = "captured"
    REQUIRES_ACTION = "requires_action"
    FAILED = "failed"
    VOIDED = "voided"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of a leg's outcome, whoever found out.

    `captured` comes with its movement; `failed` with who refused and why.
    """

    outcome: Outcome
    external_id: str = ""
    movement: Movement | None = None
    failure_kind: FailureKind | None = None
    code: str = ""
    message: str = ""


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
) -> Payment:
    """Bring a leg, its payment, movement, commission and postings to what the evidence says.

    One transaction; repeating it with the same evidence changes nothing. With `keyed`, the answer
    is frozen in it when the payment is final, else the key's lease ends.

    :raises MoneyOnClosedLeg: money moved although the leg had failed or was voided.
    :raises TransitionNotAllowed: the evidence contradicts what is settled.
    """
    payment = Payment.objects.select_for_update(of=["self"]).get(pk=leg.payment_id)
    row = (
        PaymentLeg.objects.select_for_update(of=["self"])
        .select_related("connection")
        .get(pk=leg.pk)
    )
    _move_leg(row, evidence, by)
    if evidence.movement is not None:
        record_movements([MovementFact(row.connection, evidence.movement)], by=by, now=now)
    _move_payment(payment, row, by, now)
    if keyed is not None:
        _answer(keyed, payment, now)
    return payment


def _move_leg(leg: PaymentLeg, evidence: Evidence, by: str) -> None:
    to = LegState(evidence.outcome.value)
    # Not knowing says nothing about a leg that somebody else has settled meanwhile.
    if leg.state == to or (to == LegState.UNKNOWN and leg.state in SETTLED_LEG_STATES):
        return
    if evidence.movement is not None and leg.state in CLOSED_LEG_STATES:
        raise MoneyOnClosedLeg(leg=leg.public_id)
    changes: dict[str, object] = {"lease_until": None}
    if evidence.external_id:
        changes["external_id"] = evidence.external_id
    if to == LegState.REQUIRES_ACTION:
        changes["operation"] = LegOperation.VOID
    if evidence.failure_kind is not None:
        changes["failure_kind"] = evidence.failure_kind
        changes["failure_code"] = evidence.code[:100]
        changes["failure_message"] = evidence.message
    move(leg, to, by=by, reason=evidence.message or evidence.code, **changes)


def _move_payment(payment: Payment, leg: PaymentLeg, by: str, now: datetime) -> None:
    to = _PAYMENT_STATE_AFTER[LegState(leg.state)]
    if payment.state == to:
        return
    completed_at = {"completed_at": now} if to == PaymentState.COMPLETED else {}
    move(payment, to, by=by, reason=leg.failure_message, **completed_at)


def _answer(keyed: KeyedRequest, payment: Payment, now: datetime) -> None:
    if payment.state in FINAL_PAYMENT_STATES:
        idempotency.keep_answer(keyed, payment)
    else:
        idempotency.release(keyed, now=now)
