"""Payments that were really taken at the simulator, and their refunds."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.db import OperationalError
from django.db import connection as database
from django.utils import timezone

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.money import Money
from payments.models import Payment, Refund
from payments.operations.charges import take_payment
from payments.operations.claims import Order
from payments.operations.refunds import build_refund
from tests.payments.books import usd

_WRITES = ("INSERT", "UPDATE", "DELETE", "WITH")

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


@contextmanager
def cut_before_write(number: int) -> Iterator[None]:
    """The database is gone at the `number`-th statement that writes, counted from 1."""
    writes = count(1)

    def cut(execute, sql, params, many, context):
        if sql.lstrip().upper().startswith(_WRITES) and next(writes) >= number:
            raise OperationalError("the database is gone")
        return execute(sql, params, many, context)

    with database.execute_wrapper(cut):
        yield
