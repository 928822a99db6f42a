"""The payer has authenticated, or says so: ask the processor and settle."""

from datetime import datetime

from bookedbarber.foundation.errors import Conflict

from ..models import Payment, PaymentLeg
from ..states import LegState
from .charges import carry_on
from .sending import ask_about
from .settlement import settle_leg


class NothingToConfirm(Conflict):
    """This payment does not wait for its payer."""


def confirm_payment(*, payment: Payment, by: str, now: datetime) -> Payment:
    """Ask whether the payer's authentication succeeded, and settle the payment by the answer.

    Safe to repeat. The payment stays `requires_action` while the payer has not acted.

    :raises NothingToConfirm: the payment is in another state.
    """
    leg = _find_waiting_leg(payment)
    if leg is None:
        payment.refresh_from_db()
        if payment.completed_at is not None:
            return payment
        raise NothingToConfirm(status=payment.status)
    settled = settle_leg(leg=leg, evidence=ask_about(leg, now=now), by=by, now=now)
    return carry_on(settled, by=by, now=now)


def _find_waiting_leg(payment: Payment) -> PaymentLeg | None:
    waiting = payment.legs.filter(state=LegState.REQUIRES_ACTION)
    return waiting.select_related("payment", "connection").first()
