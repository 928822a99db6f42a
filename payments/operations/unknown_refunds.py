"""Refunds whose outcome is not final: found, asked about, settled."""

from datetime import datetime

from ..models import Refund
from ..states import RefundState
from .questioning import Questions, find_lost, settle_due
from .refund_discrepancies import report_unknown_refund
from .refund_sending import RefundEvidence, ask_about_refund
from .refunds import settle_refund

BY = "job:payments.settle_unknown_refunds"


def mark_lost_refunds(*, now: datetime) -> int:
    """Call refunds unknown whose lease is over without an outcome. Returns how many."""
    lost = find_lost(_REFUNDS, now=now)
    evidence = RefundEvidence(
        outcome=RefundState.UNKNOWN, message="The request ended before the processor's answer"
    )
    for refund in lost:
        settle_refund(refund=refund, evidence=evidence, by=BY, now=now)
    return len(lost)


def settle_unknown_refunds(*, now: datetime) -> int:
    """Ask about every refund that is due, and settle what is answered. Returns how many."""
    return settle_due(_REFUNDS, now=now)


def _ask(refund: Refund, now: datetime, since: datetime) -> RefundEvidence:
    return ask_about_refund(refund, now=now, since=since)


def _settle(refund: Refund, evidence: RefundEvidence, now: datetime) -> None:
    settled = settle_refund(refund=refund, evidence=evidence, by=BY, now=now)
    if settled.state == RefundState.UNKNOWN and not refund.is_repeatable(now=now):
        report_unknown_refund(refund=refund)


_REFUNDS = Questions(
    name="refunds",
    in_flight=Refund.objects.in_flight(),
    open=Refund.objects.asked_about().select_related("leg__connection"),
    connection="leg__connection",
    ask=_ask,
    settle=_settle,
)
