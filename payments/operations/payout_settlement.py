"""`settle_payout`: the one function that gives a payout its outcome."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bookedbarber.foundation.database import retry_transaction
from bookedbarber.foundation.jobs import enqueue_on_commit
from bookedbarber.foundation.transitions import move
from processors.contract import TransferStatement

from ..models import Payout, PayoutLine
from ..states import MADE_PAYOUT_STATES, OPEN_PAYOUT_STATES, FailureKind, PayoutState
from .movements import MovementFact, record_movements
from .payout_discrepancies import report_money_on_closed_payout


class PayoutOutcome(StrEnum):
    PAID = "paid"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutEvidence:
    """What is known of a payout's outcome, whoever found out.

    `paid` comes with the transfer as its processor states it; `failed` with who refused and why;
    an unknown one says whether the processor answered at all.
    """

    outcome: PayoutOutcome
    statement: TransferStatement | None = None
    failure_kind: FailureKind | None = None
    code: str = ""
    message: str = ""
    is_unanswered: bool = False


@retry_transaction
def settle_payout(*, payout: Payout, evidence: PayoutEvidence, by: str, now: datetime) -> Payout:
    """Bring a payout, its lines, movements and postings to what the evidence says.

    One transaction; repeating it changes nothing. A definite failure releases the lines, money
    that came back leaves them paid and is owed again by its own movement. A transfer of a payout
    that was closed without one is recorded and becomes a discrepancy.
    """
    row = (
        Payout.objects.select_for_update(of=["self"])
        .select_related("connection", "destination")
        .get(pk=payout.pk)
    )
    if evidence.statement is not None:
        facts = [MovementFact(row.connection, one) for one in evidence.statement.movements]
        record_movements(facts, by=by, now=now)
        _settle_made(row, evidence.statement, by, now)
    elif row.state in OPEN_PAYOUT_STATES and evidence.outcome == PayoutOutcome.FAILED:
        _settle_failed(row, evidence, by, now)
    elif row.state in OPEN_PAYOUT_STATES:
        _postpone(row, evidence, by, now)
    return row


def _settle_made(row: Payout, statement: TransferStatement, by: str, now: datetime) -> None:
    if row.state in OPEN_PAYOUT_STATES:
        move(
            row,
            PayoutState.PAID,
            by=by,
            external_id=statement.external_id,
            destination_payment=statement.destination_payment,
            paid_at=now,
            **_NOTHING_IN_FLIGHT,
        )
    elif row.state == PayoutState.FAILED:
        report_money_on_closed_payout(payout=row, amount=statement.amount)
    if row.state in MADE_PAYOUT_STATES:
        note_reversed(payout=row, reversed_minor=statement.reversed.amount_minor, by=by)


def note_reversed(*, payout: Payout, reversed_minor: int, by: str) -> None:
    """Say how much of a payout has come back; less than was known before is older word.

    The row must be locked by the caller's transaction.
    """
    if reversed_minor <= payout.reversed_minor:
        return
    is_whole = reversed_minor == payout.amount_minor
    to = PayoutState.REVERSED if is_whole else PayoutState.PARTLY_REVERSED
    if payout.state == to:
        Payout.objects.filter(pk=payout.pk).update(reversed_minor=reversed_minor)
        payout.reversed_minor = reversed_minor
    else:
        move(payout, to, by=by, reversed_minor=reversed_minor)


def _settle_failed(row: Payout, evidence: PayoutEvidence, by: str, now: datetime) -> None:
    move(
        row,
        PayoutState.FAILED,
        by=by,
        reason=evidence.message or evidence.code,
        failure_kind=evidence.failure_kind or FailureKind.REFUSED,
        failure_code=evidence.code[:100],
        failure_message=evidence.message,
        **_NOTHING_IN_FLIGHT,
    )
    PayoutLine.objects.filter(payout=row, released_at=None).update(released_at=now)
    if evidence.failure_kind == FailureKind.CREDENTIALS:
        enqueue_on_commit("payments.check_connection", connection_id=row.connection_id)


def _postpone(row: Payout, evidence: PayoutEvidence, by: str, now: datetime) -> None:
    changes: dict[str, object] = {
        "lease_until": None,
        "next_check_at": row.get_next_check(now=now),
        "is_unanswered": evidence.is_unanswered,
    }
    if row.state == PayoutState.UNKNOWN:
        Payout.objects.filter(pk=row.pk).update(**changes)
    else:
        move(row, PayoutState.UNKNOWN, by=by, reason=evidence.message, **changes)


_NOTHING_IN_FLIGHT: dict[str, Any] = {
    "lease_until": None,
    "next_check_at": None,
    "is_unanswered": False,
}
