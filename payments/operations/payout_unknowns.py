"""Payouts whose outcome is unknown: found, asked about, settled; several sweepers may run."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from bookedbarber.foundation.errors import Conflict
from bookedbarber.foundation.transitions import move

from ..models import Payout, PayoutLine
from ..rules.questions import get_next_check, may_repeat
from ..states import OPEN_PAYOUT_STATES, FailureKind, PayoutState
from .discrepancies import ReasonMissing
from .payout_discrepancies import report_unknown_payout
from .payout_sending import ask_about_payout
from .payout_settlement import PayoutEvidence, PayoutOutcome, settle_payout

BY = "job:payments.settle_unknown_payouts"
MOST_AT_ONCE = 20


class PayoutNotOpen(Conflict):
    """The outcome of this payout is known."""


class MayStillBeMade(Conflict):
    """It may still be repeated under its key, so nobody can say that it was never made."""


def mark_lost_payouts(*, now: datetime) -> int:
    """Call payouts unknown whose lease is over without an outcome. Returns how many.

    Repeatable and safe beside the caller itself: whoever settles first wins, and an unknown
    payout still takes every outcome.
    """
    lost = Payout.objects.filter(
        state=PayoutState.SUBMITTED, lease_until__lt=now, environment=settings.ENVIRONMENT
    ).order_by("lease_until")[:MOST_AT_ONCE]
    evidence = PayoutEvidence(
        outcome=PayoutOutcome.UNKNOWN, message="The job ended before the processor's answer"
    )
    rows = list(lost)
    for payout in rows:
        settle_payout(payout=payout, evidence=evidence, by=BY, now=now)
    return len(rows)


def settle_unknown_payouts(*, now: datetime) -> int:
    """Ask about every payout that is due, and settle what is answered. Returns how many were asked.

    A connection that gives no answer is not asked about its other payouts in this round; one that
    answers again has all its unanswered payouts asked about at once.
    """
    silent: set[int] = set()
    asked = 0
    for payout in _claim_due(now):
        if payout.connection_id in silent:
            _postpone(payout, now)
            continue
        asked += 1
        if _ask(payout, BY, now).is_unanswered:
            silent.add(payout.connection_id)
        else:
            _hasten_unanswered(payout.connection_id, now)
    return asked


def ask_again(*, payout: Payout, by: str, now: datetime) -> Payout:
    """Ask the processor about a payout now, whatever its schedule says.

    :raises PayoutNotOpen: its outcome is known.
    """
    if payout.state not in OPEN_PAYOUT_STATES:
        raise PayoutNotOpen(state=payout.state)
    _ask(payout, by, now)
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
    if not _is_hopeless(row, now):
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


def _ask(payout: Payout, by: str, now: datetime) -> PayoutEvidence:
    evidence = ask_about_payout(payout=payout, now=now)
    settle_payout(payout=payout, evidence=evidence, by=by, now=now)
    if evidence.outcome == PayoutOutcome.UNKNOWN and _is_hopeless(payout, now):
        report_unknown_payout(payout=payout)
    return evidence


def _claim_due(now: datetime) -> list[Payout]:
    lease = now + timedelta(seconds=2 * settings.QUESTION_BUDGET_SECONDS)
    with transaction.atomic():
        due = list(
            Payout.objects.select_for_update(skip_locked=True, of=["self"])
            .filter(Q(lease_until=None) | Q(lease_until__lt=now))
            .filter(
                state=PayoutState.UNKNOWN,
                next_check_at__lte=now,
                environment=settings.ENVIRONMENT,
            )
            .select_related("connection", "destination")
            .order_by("next_check_at")[:MOST_AT_ONCE]
        )
        Payout.objects.filter(pk__in=[payout.pk for payout in due]).update(
            lease_until=lease, checks=F("checks") + 1
        )
    for payout in due:
        payout.checks += 1
    return due


def _is_hopeless(payout: Payout, now: datetime) -> bool:
    window = settings.REPEAT_WINDOW_SECONDS[payout.connection.processor]
    return not may_repeat(first_sent_at=payout.created_at, window_seconds=window, now=now)


def _postpone(payout: Payout, now: datetime) -> None:
    """Its account is silent: end our lease and wait for the next turn."""
    schedule = settings.QUESTION_SCHEDULE_SECONDS
    Payout.objects.filter(pk=payout.pk, state=PayoutState.UNKNOWN).update(
        lease_until=None,
        is_unanswered=True,
        next_check_at=get_next_check(asked=payout.checks, schedule=schedule, now=now),
    )


def _hasten_unanswered(connection_id: int, now: datetime) -> None:
    Payout.objects.filter(
        connection_id=connection_id, state=PayoutState.UNKNOWN, is_unanswered=True
    ).update(next_check_at=now)
