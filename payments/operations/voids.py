"""Giving up a payment before money has moved."""

from datetime import datetime

from django.db import transaction

from bookedbarber.foundation.errors import Conflict
from bookedbarber.foundation.transitions import move

from ..models import Payment, PaymentLeg
from ..states import LegOperation, LegState, PaymentState
from .charges import carry_out


class CannotBeVoided(Conflict):
    """The payment can no longer be voided."""


def void_payment(*, payment: Payment, by: str, now: datetime) -> Payment:
    """Cancel a payment that waits for its payer, at the processor first.

    A payment that has completed is refunded instead; one whose outcome is unknown is asked about
    first. Safe to repeat: a voided payment stays so. What the processor answers decides: a payer
    who was quicker has paid, and the payment is completed.

    :raises CannotBeVoided: it is completed, failed, or under way.
    """
    leg = _begin(payment, by)
    if leg is None:
        payment.refresh_from_db()
        return payment
    return carry_out(leg=leg, by=by, now=now)


@transaction.atomic
def _begin(payment: Payment, by: str) -> PaymentLeg | None:
    """Write down that the leg is being voided; None where there was no leg to void."""
    locked = Payment.objects.select_for_update(of=["self"]).get(pk=payment.pk)
    if locked.state == PaymentState.CANCELED:
        return None
    if locked.state == PaymentState.PENDING:
        move(locked, PaymentState.CANCELED, by=by, reason="voided", sealed_tokens=None)
        return None
    if locked.state != PaymentState.REQUIRES_ACTION:
        raise CannotBeVoided(
            f"A payment that is {locked.status} cannot be voided", status=locked.status
        )
    leg = (
        PaymentLeg.objects.select_for_update(of=["self"])
        .select_related("payment", "connection")
        .get(payment=locked, state=LegState.REQUIRES_ACTION)
    )
    leg.operation = LegOperation.VOID
    leg.save(update_fields=["operation"])
    return leg
