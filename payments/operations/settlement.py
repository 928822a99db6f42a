"""`settle_leg`: the one function that gives a leg its outcome."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from bookedbarber.foundation import idempotency
from bookedbarber.foundation.database import CompiledQuery, retry_transaction
from bookedbarber.foundation.idempotency import KeyedRequest
from bookedbarber.foundation.jobs import enqueue_on_commit
from bookedbarber.foundation.transitions import move
from processors.states import ConnectionState

from ..models import Payment, PaymentLeg
from ..queries.legs import list_legs
from ..states import FINAL_PAYMENT_STATES, SETTLED_LEG_STATES, FailureKind, LegOperation, LegState
from .evidence import Evidence, Outcome
from .movements import MovementFact, record_movements
from .progress import Claimed, go_on

_HOLD_ENDED = "The hold ended before it was captured"

_PAYMENT = CompiledQuery(
    lambda: Payment.objects.select_for_update(of=["self"]).select_related("barber").filter(pk=0)
)


@dataclass(frozen=True, slots=True)
class Settled:
    """The payment as it now stands, and what is claimed to be called next."""

    payment: Payment
    claimed: Claimed = Claimed()  # noqa: RUF009  it is frozen


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
    was closed without it is recorded, unexplained, and becomes a discrepancy. What comes next (a
    fallback, the next step of a split sale, undoing one) is claimed in the same transaction. With
    `keyed`, the answer is frozen when the payment is final, else the key's lease ends.
    """
    payment, legs = _lock(leg.payment_id)
    row = next(each for each in legs if each.pk == leg.pk)
    is_news = not _is_old_news(row, leg, evidence)
    if is_news:
        _move_leg(row, legs, evidence, by, now)
    if evidence.movement is not None:
        record_movements([MovementFact(row.connection, evidence.movement, row)], by=by, now=now)
    claimed = go_on(payment, legs=legs, settled=row, by=by, now=now) if is_news else Claimed()
    if is_news and _casts_doubt_on_account(row, evidence):
        # Confirmed by a call of its own, off this path, before the connection counts as expired,
        # or the failure towards its being in error.
        enqueue_on_commit("payments.check_connection", connection_id=row.connection_id)
    if claimed.leg is None and keyed is not None:
        _answer(keyed, payment, now)
    return Settled(payment, claimed)


def _lock(payment_id: int) -> tuple[Payment, list[PaymentLeg]]:
    """The payment, locked, and then its legs in the order of their making."""
    [payment] = _PAYMENT.fetch(payment_id)
    legs = list_legs(payment_id)
    for leg in legs:
        leg.payment = payment
    return payment, legs


def _casts_doubt_on_account(row: PaymentLeg, evidence: Evidence) -> bool:
    """Refused credentials, and no answer to a live call; answers to questions are the sweeper's."""
    if row.failure_kind == FailureKind.CREDENTIALS:
        return True
    is_live = row.checks == 0 and row.connection.state == ConnectionState.CONNECTED
    return is_live and (evidence.is_unanswered or row.failure_kind == FailureKind.NOT_REACHED)


def _is_old_news(row: PaymentLeg, seen: PaymentLeg, evidence: Evidence) -> bool:
    """Whether later word about the leg changes nothing here; `seen` is the leg as it was asked.

    Money that it brings is recorded all the same, and where there should be none it becomes a
    discrepancy.
    """
    if row.state in SETTLED_LEG_STATES:
        return True
    if row.state == LegState.AUTHORIZED and evidence.outcome == Outcome.AUTHORIZED:
        # Held is what it was, unless that is how its capture was refused.
        return evidence.failure_kind is None
    # Whose lease is over may still bring the processor's word, not what became of his own call.
    return row.lease_until != seen.lease_until and not evidence.external_id


def _move_leg(
    row: PaymentLeg, legs: list[PaymentLeg], evidence: Evidence, by: str, now: datetime
) -> None:
    to = LegState(evidence.outcome.value)
    changes = _get_changes(row, legs, evidence, to, now)
    if row.state != to:
        move(row, to, by=by, reason=evidence.message or evidence.code, **changes)
        return
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))


def _get_changes(
    row: PaymentLeg, legs: list[PaymentLeg], evidence: Evidence, to: LegState, now: datetime
) -> dict[str, object]:
    changes: dict[str, object] = {
        "lease_until": None,
        "next_check_at": None,
        "is_unanswered": evidence.is_unanswered,
        "sealed_next_action": None,
    }
    if evidence.external_id:
        changes["external_id"] = evidence.external_id
    if evidence.expires_at is not None:
        changes["expires_at"] = evidence.expires_at
    if to == LegState.UNKNOWN:
        changes["next_check_at"] = row.get_next_check(now=now)
    if to == LegState.REQUIRES_ACTION:
        changes |= _get_action_changes(row, legs, evidence, now)
    return changes | _get_failure_changes(row, evidence, to)


def _get_action_changes(
    row: PaymentLeg, legs: list[PaymentLeg], evidence: Evidence, now: datetime
) -> dict[str, object]:
    """The payer has until then, for all legs together; afterwards it is canceled there."""
    asked_before = [leg.action_expires_at for leg in legs if leg.action_expires_at is not None]
    first_end = now + timedelta(seconds=settings.AUTHENTICATION_SECONDS)
    expires_at = min(asked_before, default=first_end)
    action = evidence.next_action
    return {
        "sealed_next_action": None if action is None else row.seal_next_action(action),
        "action_expires_at": expires_at,
        "next_check_at": expires_at,
    }


def _get_failure_changes(row: PaymentLeg, evidence: Evidence, to: LegState) -> dict[str, object]:
    kind, code, message = evidence.failure_kind, evidence.code, evidence.message
    if to == LegState.VOIDED and row.operation == LegOperation.CAPTURE:
        kind, code, message = FailureKind.HOLD_ENDED, FailureKind.HOLD_ENDED.value, _HOLD_ENDED
    if kind is None:
        return {}
    changes: dict[str, object] = {
        "failure_kind": kind,
        "failure_code": code[:100],
        "failure_message": message,
    }
    if to == LegState.AUTHORIZED:
        # Its capture was refused: what is left to do is to release it.
        changes["operation"] = LegOperation.VOID
    return changes


def _answer(keyed: KeyedRequest, payment: Payment, now: datetime) -> None:
    if payment.state in FINAL_PAYMENT_STATES:
        idempotency.keep_answer(keyed, payment)
    else:
        idempotency.release(keyed, now=now)
