"""Refunds whose outcome is not final: found, asked about, settled.

As `unknowns` does for legs. A pending refund is asked about too, since its webhook may be lost,
and a refund of which we have heard less than there is to know.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Q

from ..models import Refund
from ..rules.questions import get_next_check
from ..states import RefundState
from .refund_discrepancies import report_unknown_refund
from .refund_sending import RefundEvidence, ask_about_refund, is_repeatable
from .refunds import settle_refund

BY = "job:payments.settle_unknown_refunds"
MOST_AT_ONCE = 20


def mark_lost_refunds(*, now: datetime) -> int:
    """Call refunds unknown whose lease is over without an outcome. Returns how many.

    Repeatable and safe beside the caller itself: whoever settles first wins, and an unknown refund
    still takes every outcome.
    """
    lost = list(
        Refund.objects.filter(
            state=RefundState.SUBMITTED,
            lease_until__lt=now,
            payment__environment=settings.ENVIRONMENT,
        ).order_by("lease_until")[:MOST_AT_ONCE]
    )
    evidence = RefundEvidence(
        outcome=RefundState.UNKNOWN, message="The request ended before the processor's answer"
    )
    for refund in lost:
        settle_refund(refund=refund, evidence=evidence, by=BY, now=now)
    return len(lost)


def settle_unknown_refunds(*, now: datetime) -> int:
    """Ask about every refund that is due, and settle what is answered. Returns how many.

    A connection that gives no answer at all is not asked about its other refunds in this round; one
    that answers again has all its unanswered refunds asked about at once.
    """
    silent: set[int] = set()
    asked = 0
    for refund in _claim_due(now):
        connection_id = refund.leg.connection_id
        if connection_id in silent:
            _postpone(refund, now)
            continue
        asked += 1
        evidence = ask_about_refund(refund, now=now)
        _settle(refund, evidence, now)
        if evidence.is_unanswered:
            silent.add(connection_id)
        else:
            _hasten_unanswered(connection_id, now)
    return asked


def _claim_due(now: datetime) -> list[Refund]:
    """Due refunds, and one of each silent connection now and then, under a lease of ours."""
    lease = now + timedelta(seconds=2 * settings.QUESTION_BUDGET_SECONDS)
    with transaction.atomic():
        due = list(
            Refund.objects.select_for_update(skip_locked=True, of=["self"])
            .filter(Q(next_check_at__lte=now) | Q(pk__in=_choose_probes()))
            .filter(Q(lease_until=None) | Q(lease_until__lt=now))
            .filter(next_check_at__isnull=False, payment__environment=settings.ENVIRONMENT)
            .select_related("leg__connection")
            .order_by("next_check_at")[:MOST_AT_ONCE]
        )
        Refund.objects.filter(pk__in=[refund.pk for refund in due]).update(
            lease_until=lease, checks=F("checks") + 1
        )
    for refund in due:
        refund.checks += 1
    return due


def _choose_probes() -> list[int]:
    """The oldest refund of each connection that gave no answer when asked, every few seconds."""
    oldest = (
        Refund.objects.filter(next_check_at__isnull=False, is_unanswered=True, checks__gt=0)
        .order_by("leg__connection_id", "pk")
        .distinct("leg__connection_id")
        .values_list("pk", "leg__connection_id")
    )
    return [
        refund_id
        for refund_id, connection_id in oldest
        if cache.add(f"refund-probe:{connection_id}", 1, timeout=settings.PROBE_SECONDS)
    ]


def _settle(refund: Refund, evidence: RefundEvidence, now: datetime) -> None:
    settled = settle_refund(refund=refund, evidence=evidence, by=BY, now=now)
    if settled.state == RefundState.UNKNOWN and not is_repeatable(refund, now=now):
        report_unknown_refund(refund=refund)


def _postpone(refund: Refund, now: datetime) -> None:
    """Its account is silent: end our lease, and let it be the one that is asked about next."""
    schedule = settings.QUESTION_SCHEDULE_SECONDS
    soon = now + timedelta(seconds=settings.PROBE_SECONDS)
    Refund.objects.filter(pk=refund.pk, next_check_at__isnull=False).update(
        lease_until=None,
        is_unanswered=True,
        next_check_at=min(soon, get_next_check(asked=refund.checks, schedule=schedule, now=now)),
    )


def _hasten_unanswered(connection_id: int, now: datetime) -> None:
    Refund.objects.filter(
        leg__connection_id=connection_id, next_check_at__isnull=False, is_unanswered=True
    ).update(next_check_at=now)
