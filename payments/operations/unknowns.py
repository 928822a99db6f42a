"""Legs whose outcome is unknown: found, asked about, settled."""

from datetime import datetime, timedelta

from django.conf import settings

from ..models import PaymentLeg
from ..states import LegOperation
from .charges import carry_on
from .discrepancies import report_ending_hold, report_unknown_outcome
from .evidence import Evidence, Outcome, know_nothing
from .questioning import Questions, find_lost, settle_due
from .sending import ask_about, send_cancel
from .settlement import settle_leg

BY = "job:payments.settle_unknown_legs"


def mark_lost_legs(*, now: datetime) -> int:
    """Call legs unknown whose lease is over without an outcome. Returns how many."""
    lost = find_lost(_LEGS, now=now)
    evidence = know_nothing("The request ended before the processor's answer")
    for leg in lost:
        settle_leg(leg=leg, evidence=evidence, by=BY, now=now)
    return len(lost)


def settle_unknown_legs(*, now: datetime) -> int:
    """Ask about every leg that is due, and settle what is answered. Returns how many were asked."""
    return settle_due(_LEGS, now=now)


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
    if evidence.outcome == Outcome.UNKNOWN and not leg.is_repeatable(now=now):
        report_unknown_outcome(
            leg=leg,
            explanation="The processor was asked for a day and did not say what became of it.",
        )


def _ends_soon(leg: PaymentLeg, now: datetime) -> bool:
    """Whether a hold runs out before it could be captured, as it stood when we asked."""
    if leg.expires_at is None or leg.operation != LegOperation.CAPTURE:
        return False
    return now >= leg.expires_at - timedelta(seconds=settings.HOLD_WARNING_SECONDS)


_LEGS = Questions(
    name="legs",
    in_flight=PaymentLeg.objects.in_flight(),
    open=PaymentLeg.objects.asked_about().select_related("payment", "connection"),
    connection="connection",
    ask=_ask,
    settle=_settle,
)
