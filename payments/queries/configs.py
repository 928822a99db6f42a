"""A barber's config in force."""

from datetime import datetime

from bookedbarber.accounts.models import Barber

from ..models import HybridPaymentConfig


def find_config(barber: Barber, *, at: datetime) -> HybridPaymentConfig | None:
    """The version in force at a moment; None: the barber is not configured."""
    return HybridPaymentConfig.objects.in_force(at=at).filter(barber=barber).first()
