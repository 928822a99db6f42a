"""Giving back half a sale whose other half will never be."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from ..models import PaymentLeg, Refund
from ..rules.steps import must_be_given_back
from .legs import to_facts
from .refunds import build_refund, send_refund, settle_refund

REASON = "The other part of this sale could not be taken"


def claim_compensations(
    latest: Mapping[str, PaymentLeg], *, by: str, now: datetime
) -> tuple[Refund, ...]:
    """Write down the refunds that undo what was captured; none where nothing must be undone.

    Call it with the payment locked, in the transaction that learns of it, once.
    """
    roles = must_be_given_back(to_facts(latest.values()))
    refunds = tuple(
        build_refund(leg, amount=leg.amount, reason=REASON, by=by, now=now, is_compensation=True)
        for role, leg in latest.items()
        if role in roles
    )
    for refund in refunds:
        refund.save(force_insert=True)
    return refunds


def send_compensations(refunds: Iterable[Refund], *, by: str, now: datetime) -> None:
    """Send claimed refunds and settle them; no transaction is open here."""
    for refund in refunds:
        settle_refund(refund=refund, evidence=send_refund(refund), by=by, now=now)
