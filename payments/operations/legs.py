"""Building legs: attempts that are written down before they are made."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from ..models import Payment, PaymentLeg
from ..states import LegOperation, LegRole, LegState


def build_leg(payment: Payment, *, connection_id: int, now: datetime) -> PaymentLeg:
    """An attempt to charge the whole payment at one connection; not saved yet."""
    return PaymentLeg(
        role=LegRole.MAIN,
        connection_id=connection_id,
        amount_minor=payment.amount_minor,
        tip_minor=payment.tip_minor,
        currency=payment.currency,
        state=LegState.SUBMITTED,
        operation=LegOperation.CHARGE,
        # By the real clock, which the sweeper compares with, whatever day the sale is dated.
        lease_until=timezone.now() + timedelta(seconds=settings.CHARGE_LEASE_SECONDS),
        created_at=now,
    )
