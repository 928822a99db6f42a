"""Simulated accounts with sales on them, for tests of the sync."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from payments.models import ExternalTransaction, SyncRun
from payments.operations.syncs import sync_connection
from processors.models import Connection
from tests.simulation import SimulatedAccount, Simulator

BY = "job:test"


def sync(connection: Connection, *, reread: bool = True, **options: Any) -> SyncRun:
    """Read the account's lists now, with the connection as it stands in the database."""
    row = Connection.objects.get(pk=connection.pk) if reread else connection
    return sync_connection(connection=row, by=BY, now=timezone.now(), **options)


def get_account(connection: Connection) -> SimulatedAccount:
    credentials = connection.get_access().credentials
    secret = credentials.get("secret_key") or credentials["access_token"]
    return SimulatedAccount(connection.processor, connection.account_id, secret)


def sell(
    simulator: Simulator,
    connection: Connection,
    number: int = 1,
    *,
    last_at: datetime | None = None,
    apart: timedelta = timedelta(seconds=1),
    **sale: Any,
) -> list[dict[str, Any]]:
    """Sales of 20.00 USD at the processor, a second apart, the last one a minute ago."""
    last_at = last_at or timezone.now() - timedelta(minutes=1)
    defaults = {"amount_minor": 20_00, "currency": "USD"}
    sales = [
        {**defaults, "occurred_at": (last_at - apart * place).isoformat(), **sale}
        for place in reversed(range(number))
    ]
    account, made = get_account(connection), []
    for start in range(0, number, 1000):
        made += simulator.record_sales(account, sales[start : start + 1000])["sales"]
    return made


def list_recorded(connection: Connection) -> list[tuple[str, str, int]]:
    """Kind, name and minor units of each movement here."""
    rows = ExternalTransaction.objects.filter(connection=connection).order_by("kind", "external_id")
    return list(rows.values_list("kind", "external_id", "amount_minor"))


def sum_at_processor(simulator: Simulator, connection: Connection) -> dict[str, int]:
    """What the processor holds, in minor units by currency, as its own journal has it."""
    held: Counter[str] = Counter()
    for row in simulator.journal(connection.account_id):
        held[row["settlement_currency"]] += row["settled_minor"] - row["fee_minor"]
    return {currency: minor for currency, minor in held.items() if minor}


def list_at_processor(simulator: Simulator, connection: Connection) -> list[tuple[str, str, int]]:
    """The same, as the processor's own journal has it."""
    journal = simulator.journal(connection.account_id)
    return sorted((row["kind"], row["object_id"], abs(row["amount_minor"])) for row in journal)
