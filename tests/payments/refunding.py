"""Payments that were really taken at the simulator, and their refunds."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.money import Money
from payments.models import Payment, Refund
from payments.operations.charges import take_payment
from payments.operations.claims import Order
from payments.operations.refunds import build_refund
from tests.payments.books import usd

BY = "usr_test"
TOKENS = {"platform": "pm_card_visa", "square": "cnon:card-nonce-ok"}


def take(barber: Barber, amount: Money | None = None, *, account: str = "platform") -> Payment:
    """A completed payment of 75.00 USD, on the platform's account unless `account` says another."""
    order = Order(
        barber=barber,
        amount=amount or usd(75_00),
        tip=usd(0),
        payment_methods={account: TOKENS[account]},
    )
    return take_payment(order=order, by=BY, now=timezone.now()).payment


def claim(payment: Payment, amount: Money, **fields: Any) -> Refund:
    """A refund that is written down and not sent."""
    values: dict[str, Any] = {"reason": "", "by": BY, "now": timezone.now()} | fields
    refund = build_refund(payment.legs.get(), amount=amount, **values)
    refund.save()
    return refund


def later(**interval: float) -> datetime:
    return timezone.now() + timedelta(**interval)


def list_refunded(simulator, account_id: str) -> list[int]:
    """What the processor gave back, in minor units."""
    journal = simulator.journal(account_id)
    return [-row["amount_minor"] for row in journal if row["kind"] == "refund"]
