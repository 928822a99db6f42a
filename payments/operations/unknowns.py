"""Unknown outcomes: found, asked about, settled.

The sweeper runs every few seconds and takes what is due with SKIP LOCKED, so that several may run
at once. A question holds no lock: the row is claimed by a lease first.
"""

import time
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Q

from processors.transport import shared_lists

from ..models import PaymentLeg
from ..rules.questions import get_next_check, may_repeat
from ..states import ASKED_ABOUT_STATES, IN_FLIGHT_STATES, LegOperation
from .charges import carry_on
from .discrepancies import report_ending_hold, report_unknown_outcome
from .evidence import Evidence, Outcome, know_nothing
from .sending import ask_about, send_cancel
from .settlement import settle_leg

BY = "job:payments.settle_unknown_legs"
MOST_AT_ONCE = 20


def mark_lost_legs(*, now: datetime) -> int:
    """Call legs unknown whose lease is over without an outcome. Returns how many.

    Repeatable and safe beside the caller itself: whoever settles first wins, and an unknown leg
    still takes every outcome.
    """
    lost = list(
        PaymentLeg.objects.filter(
            state__in=IN_FLIGHT_STATES,
            lease_until__lt=now,
            payment__environment=settings.ENVIRONMENT,
        ).order_by("lease_until")[:MOST_AT_ONCE]
    )
    evidence = know_nothing("The request ended before the processor's answer")
    for leg in lost:
        settle_leg(leg=leg, evidence=evidence, by=BY, now=now)
    return len(lost)


def settle_unknown_legs(*, now: datetime) -> int:
    """Ask about every leg that is due, and settle what is answered. Returns how many were asked.

    A connection that gives no answer at all is not asked about its other legs in this round; one
    that answers again has all its unanswered legs asked about at once. A long queue is worked off
    batch by batch, and beside it by whoever sweeps next.
    """
    silent: set[int] = set()
    began, passed = time.monotonic(), 0.0
    due, asked = _claim_due(now, probes=_choose_probes()), 0
    while due:
        asked += _ask_all(due, silent, now + timedelta(seconds=passed))
        passed = time.monotonic() - began
        is_over = passed >= settings.SWEEP_SECONDS
        due = [] if is_over else _claim_due(now + timedelta(seconds=passed), silent=silent)
    return asked


def _ask_all(due: Sequence[PaymentLeg], silent: set[int], now: datetime) -> int:
    asked = 0
    # An account's list may be long, and the same one answers for all of its legs.
    since = min(leg.created_at for leg in due)
    with shared_lists():
        for leg in due:
            if leg.connection_id in silent:
                _postpone(leg, now)
                continue
            asked += 1
            evidence = _ask(leg, now, since)
            _settle(leg, evidence, now)
            if evidence.is_unanswered:
                silent.add(leg.connection_id)
            else:
                _hasten_unanswered(leg.connection_id, now)
    return asked


def _claim_due(
    now: datetime, *, probes: Collection[int] = (), silent: Collection[int] = ()
) -> list[PaymentLeg]:
    """Legs that are due, and these, under a lease of ours; not those of silent connections."""
    lease = now + timedelta(seconds=2 * settings.QUESTION_BUDGET_SECONDS)
    with transaction.atomic():
        due = list(
            PaymentLeg.objects.select_for_update(skip_locked=True, of=["self"])
            .filter(Q(next_check_at__lte=now) | Q(pk__in=probes))
            .filter(Q(lease_until=None) | Q(lease_until__lt=now))
            .filter(state__in=ASKED_ABOUT_STATES, payment__environment=settings.ENVIRONMENT)
            .exclude(connection_id__in=list(silent))
            .select_related("payment", "connection")
            .order_by("next_check_at")[:MOST_AT_ONCE]
        )
        PaymentLeg.objects.filter(pk__in=[leg.pk for leg in due]).update(
            lease_until=lease, checks=F("checks") + 1
        )
    for leg in due:
        leg.checks += 1
        leg.lease_until = lease
    return due


def _choose_probes() -> list[int]:
    """The oldest leg of each connection that gave no answer when asked, now and then.

    Its own schedule may have grown to hours meanwhile.
    """
    oldest = (
        PaymentLeg.objects.filter(state__in=ASKED_ABOUT_STATES, is_unanswered=True, checks__gt=0)
        .order_by("connection_id", "pk")
        .distinct("connection_id")
        .values_list("pk", "connection_id")
    )
    return [
        leg_id
        for leg_id, connection_id in oldest
        if cache.add(f"probe:{connection_id}", 1, timeout=settings.PROBE_SECONDS)
    ]


def _ask(leg: PaymentLeg, now: datetime, since: datetime) -> Evidence:
    """A payer who did not act in time, or a void under way: cancel. Otherwise only ask."""
    if leg.external_id and (leg.operation == LegOperation.VOID or _is_too_late(leg, now)):
        return send_cancel(leg)
    return ask_about(leg, now=now, since=since)


def _is_too_late(leg: PaymentLeg, now: datetime) -> bool:
    """Whether the payer's time is over. Once it is to be captured, he has done his part."""
    is_over = leg.action_expires_at is not None and leg.action_expires_at <= now
    return is_over and leg.operation != LegOperation.CAPTURE


def _settle(leg: PaymentLeg, evidence: Evidence, now: datetime) -> None:
    settled = settle_leg(leg=leg, evidence=evidence, by=BY, now=now)
    carry_on(settled, by=BY, now=now)
    if _ends_soon(leg, now):
        report_ending_hold(leg=leg)
    if evidence.outcome == Outcome.UNKNOWN and _is_hopeless(leg, now):
        report_unknown_outcome(
            leg=leg,
            explanation="The processor was asked for a day and did not say what became of it.",
        )


def _ends_soon(leg: PaymentLeg, now: datetime) -> bool:
    """Whether a hold runs out before it could be captured, as it stood when we asked."""
    if leg.expires_at is None or leg.operation != LegOperation.CAPTURE:
        return False
    return now >= leg.expires_at - timedelta(seconds=settings.HOLD_WARNING_SECONDS)


def _is_hopeless(leg: PaymentLeg, now: datetime) -> bool:
    window = settings.REPEAT_WINDOW_SECONDS[leg.connection.processor]
    return not may_repeat(first_sent_at=leg.created_at, window_seconds=window, now=now)


def _postpone(leg: PaymentLeg, now: datetime) -> None:
    """Its account is silent: end our lease, and let it be the one that is asked about next."""
    schedule = settings.QUESTION_SCHEDULE_SECONDS
    soon = now + timedelta(seconds=settings.PROBE_SECONDS)
    PaymentLeg.objects.filter(pk=leg.pk, state__in=ASKED_ABOUT_STATES).update(
        lease_until=None,
        is_unanswered=True,
        next_check_at=min(soon, get_next_check(asked=leg.checks, schedule=schedule, now=now)),
    )


def _hasten_unanswered(connection_id: int, now: datetime) -> None:
    PaymentLeg.objects.filter(
        connection_id=connection_id, state__in=ASKED_ABOUT_STATES, is_unanswered=True
    ).update(next_check_at=now)
