"""Accounts with sales that are here, and differences planted at their processor."""

from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from bookedbarber.accounts.models import Barber
from payments.models import Discrepancy, ReconciliationRun
from payments.operations.charges import take_payment
from payments.operations.claims import Order
from payments.operations.difference_fixes import settle_discrepancy
from payments.operations.reconciliations import reconcile_connection
from processors.models import Connection
from tests import factories
from tests.payments.books import usd
from tests.payments.syncs.accounts import BY, get_account, sell, sync
from tests.simulation import Simulator

DECLINED = {"platform": "pm_card_chargeDeclined", "square": "cnon:card-nonce-declined"}

# Cents apart, so that no two sales look like one visit.
_prices = count(20_00, 7)

PLANTS: dict[str, dict[str, Any]] = {
    "amount": {"amount_minor": 17_00},
    "currency": {"currency": "CAD"},
    "fee": {"fee_minor": 3_33},
    "status": {},
    "deleted": {},
    "duplicate": {},
}
NAMES = {
    "amount": "amount_differs",
    "currency": "currency_differs",
    "fee": "fee_differs",
    "status": "status_differs",
    "deleted": "missing_there",
    "duplicate": "visit_paid_twice",
    "added": "missing_here",
}


def sell_and_sync(simulator: Simulator, connection: Connection, number: int) -> list[str]:
    """So many sales of different amounts, recorded here; their charges' names."""
    last_at = timezone.now() - timedelta(hours=2)
    sales = [
        {
            "amount_minor": next(_prices),
            "currency": "USD",
            "occurred_at": (last_at - timedelta(minutes=place)).isoformat(),
        }
        for place in range(number)
    ]
    simulator.record_sales(get_account(connection), sales)
    sync(connection)
    rows = connection.transactions.filter(kind="charge").order_by("-occurred_at")
    return list(rows.values_list("external_id", flat=True)[:number])


def move_on_closed_leg(
    simulator: Simulator, connection: Connection, barber: Barber | None = None
) -> Discrepancy:
    """75.00 come in for a payment that was declined on this account."""
    account = "platform" if connection.is_platform else connection.processor
    order = Order(
        barber=barber or factories.create_barber(),
        amount=usd(75_00),
        tip=usd(0),
        payment_methods={account: DECLINED[account]},
    )
    leg = take_payment(order=order, by=BY, now=timezone.now()).payment.legs.get()
    assert (leg.state, leg.connection) == ("failed", connection)
    sell(simulator, connection, amount_minor=75_00, reference=leg.public_id)
    sync(connection)
    return Discrepancy.objects.get(leg=leg)


def plant(simulator: Simulator, connection: Connection, kind: str, name: str = "") -> str:
    """Plant a difference; the name of the object that differs."""
    if kind == "added":
        body: dict[str, Any] = {
            "processor": connection.processor,
            "account_id": connection.account_id,
            "amount_minor": next(_prices) + 50_000,
        }
    else:
        body = {"object_id": name, **PLANTS[kind]}
    planted: str = simulator.act("plants", kind=kind, **body)["object_id"]
    return planted


def reconcile(connection: Connection, **options: Any) -> ReconciliationRun:
    row = Connection.objects.get(pk=connection.pk)
    return reconcile_connection(connection=row, days=7, by=BY, now=timezone.now(), **options)


def settle(row: Discrepancy, fix: str = "", **options: Any) -> Discrepancy:
    """By the first of its suggested fixes unless another is named."""
    return settle_discrepancy(
        discrepancy=row, fix=fix or row.fixes[0], by=BY, now=timezone.now(), **options
    )


def list_open() -> dict[str, str]:
    """Open discrepancies by the name of what they are about."""
    rows = Discrepancy.objects.open()
    return {row.external_id: row.kind for row in rows}
