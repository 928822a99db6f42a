"""Legs whose caller died: their outcome is unknown."""

from datetime import datetime

from django.conf import settings

from ..models import PaymentLeg
from ..states import LegState
from .settlement import Evidence, Outcome, settle_leg

MOST_AT_ONCE = 500


def mark_lost_legs(*, now: datetime) -> int:
    """Call legs unknown whose lease is over without an outcome. Returns how many.

    Repeatable and safe beside the caller itself: whoever settles first wins, and an unknown leg
    still takes every outcome.
    """
    lost = list(
        PaymentLeg.objects.filter(
            state=LegState.SUBMITTED,
            lease_until__lt=now,
            payment__environment=settings.ENVIRONMENT,
        ).order_by("lease_until")[:MOST_AT_ONCE]
    )
    evidence = Evidence(
        outcome=Outcome.UNKNOWN, message="The request ended before the processor's answer"
    )
    for leg in lost:
        _mark(leg, evidence, now)
    return len(lost)


def _mark(leg: PaymentLeg, evidence: Evidence, now: datetime) -> None:
    settle_leg(leg=leg, evidence=evidence, by="job:payments.mark_lost_legs", now=now)
