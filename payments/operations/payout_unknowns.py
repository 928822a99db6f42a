"""Payouts whose outcome is unknown: found, asked about, settled, or closed by a person."""

from datetime import datetime

from django.db import transaction

from bookedbarber.foundation.errors import Conflict
from bookedbarber.foundation.transitions import move

from ..models import Payout, PayoutLine
from ..states import OPEN_PAYOUT_STATES, FailureKind, PayoutState
from .discrepancies import ReasonMissing
from .payout_discrepancies import report_unknown_payout
from .payout_sending import ask_about_payout
from .payout_settlement import PayoutEvidence, PayoutOutcome, settle_payout
from .questioning import Questions, find_lost, settle_due

BY = "job:payments.settle_unknown_payouts"


class PayoutNotOpen(Conflict):
    """The outcome of this payout is known."""


class MayStillBeMade(Conflict):
    """It may still be repeated under its key, so nobody can say that it was never made."""


def mark_lost_payouts(*, now: datetime) -> int:
    """Call payouts unknown whose lease is over without an outcome. Returns how many."""
    lost = find_lost(_PAYOUTS, now=now)
    evidence = PayoutEvidence(
        outcome=PayoutOutcome.UNKNOWN, message="The job ended before the processor's answer"
    )
    for payout in lost:
        settle_payout(payout=payout, evidence=evidence, by=BY, now=now)
    return len(lost)


def settle_unknown_payouts(*, now: datetime) -> int:
    """Ask about every payout that is due, and settle what is answered. Returns how many."""
    return settle_due(_PAYOUTS, now=now)


def ask_again(*, payout: Payout, by: str, now: datetime) -> Payout:
    """Ask the processor about a payout now, whatever its schedule says.

    :raises PayoutNotOpen: its outcome is known.
    """
    if payout.state not in OPEN_PAYOUT_STATES:
        raise PayoutNotOpen(state=payout.state)
    _settle(payout, ask_about_payout(payout=payout, now=now), now, by=by)
    payout.refresh_from_db()
    return payout


@transaction.atomic
def close_unmade_payout(*, payout: Payout, reason: str, by: str, now: datetime) -> Payout:
    """Free the lines of a payout that a person has not found at the processor.

    :raises ReasonMissing: no reason is given.
    :raises PayoutNotOpen: its outcome is known.
    :raises MayStillBeMade: the processor still knows its key, so the sweeper may repeat it.
    """
    if not reason.strip():
        raise ReasonMissing(field="reason")
    row = Payout.objects.select_for_update(of=["self"]).get(pk=payout.pk)
    if row.state not in OPEN_PAYOUT_STATES:
        raise PayoutNotOpen(state=row.state)
    if row.is_repeatable(now=now):
        raise MayStillBeMade
    move(
        row,
        PayoutState.FAILED,
        by=by,
        reason=reason,
        failure_kind=FailureKind.NOT_REACHED,
        failure_message=reason,
        lease_until=None,
        next_check_at=None,
    )
    PayoutLine.objects.filter(payout=row, released_at=None).update(released_at=now)
    return row


def _ask(payout: Payout, now: datetime, _since: datetime) -> PayoutEvidence:
    """A list of transfers is of one payout alone, so there is none that could serve several."""
    return ask_about_payout(payout=payout, now=now)


def _settle(payout: Payout, evidence: PayoutEvidence, now: datetime, *, by: str = BY) -> None:
    settle_payout(payout=payout, evidence=evidence, by=by, now=now)
    if evidence.outcome == PayoutOutcome.UNKNOWN and not payout.is_repeatable(now=now):
        report_unknown_payout(payout=payout)


_PAYOUTS = Questions(
    name="payouts",
    in_flight=Payout.objects.in_flight(),
    open=Payout.objects.asked_about().select_related("connection", "destination"),
    connection="connection",
    ask=_ask,
    settle=_settle,
)
