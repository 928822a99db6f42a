"""Saying which sale a charge was that the processor lists and we do not have."""

from dataclasses import replace
from datetime import datetime

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.errors import Conflict, Invalid

from ...models import Discrepancy, ExternalTransaction, Payment, PaymentLeg
from ...states import ASKED_ABOUT_STATES, LegState, TransactionKind
from ..evidence import Evidence, Outcome
from ..explanations import explain_movement
from ..settlement import settle_leg
from .statements import to_movement


class SaleMissing(Invalid):
    """barber: say whose sale it was, or which of our payments."""


class NotThatPayment(Conflict):
    """The charge cannot be that payment."""


def check_link(discrepancy: Discrepancy, *, barber: Barber | None, leg: PaymentLeg | None) -> None:
    """
    :raises SaleMissing: neither is named, or on a barber's own account no payment.
    :raises NotThatPayment: the payment is of another account or amount, was closed without money,
        has its movement, or is being asked for.
    """
    if leg is None:
        if barber is None or not discrepancy.connection.is_platform:
            raise SaleMissing(field="barber")
        return
    movement = to_movement(discrepancy.statement or {})
    if leg.connection_id != discrepancy.connection_id:
        raise NotThatPayment(f"{leg.public_id} is of another account")
    if leg.amount != movement.amount:
        raise NotThatPayment(f"{leg.public_id} is of {leg.amount}")
    if leg.state not in {LegState.CAPTURED, *ASKED_ABOUT_STATES}:
        raise NotThatPayment(f"{leg.public_id} is {leg.state}")
    if has_movement(leg):
        raise NotThatPayment(f"The money of {leg.public_id} is here")


def link_to_leg(discrepancy: Discrepancy, leg: PaymentLeg, *, by: str, now: datetime) -> None:
    """Record the charge as this leg's money, and settle the leg by it. In the caller's transaction.

    :raises NotThatPayment: its money has come meanwhile.
    """
    # The lock that settling takes, so that of two charges at once one is its money.
    Payment.objects.select_for_update(of=["self"]).get(pk=leg.payment_id)
    row = PaymentLeg.objects.select_related("connection", "payment__barber").get(pk=leg.pk)
    if has_movement(row):
        raise NotThatPayment(f"The money of {row.public_id} is here")
    movement = to_movement(discrepancy.statement or {})
    evidence = Evidence(
        outcome=Outcome.CAPTURED,
        external_id=movement.group_id,
        movement=replace(movement, our_reference=row.public_id),
    )
    settle_leg(leg=row, evidence=evidence, by=by, now=now)


def link_to_barber(
    discrepancy: Discrepancy, barber: Barber, *, reason: str, by: str, now: datetime
) -> None:
    """Explain a charge on the platform's account, which is recorded, as a sale of this barber."""
    movement = ExternalTransaction.objects.get(
        connection_id=discrepancy.connection_id,
        kind=discrepancy.movement_kind,
        external_id=discrepancy.external_id,
    )
    explain_movement(movement=movement, barber=barber, reason=reason, by=by, now=now)


def has_movement(leg: PaymentLeg) -> bool:
    """Whether the money of a leg is recorded."""
    found = ExternalTransaction.objects.filter(
        connection_id=leg.connection_id, kind=TransactionKind.CHARGE, our_reference=leg.public_id
    )
    return found.exists()
