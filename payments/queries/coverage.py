"""How much of what a processor lists is here, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from processors.models import Connection

from ..models import Discrepancy, ReconciliationRun
from ..states import TransactionKind

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of an account's sales in the last period that was reconciled; `missing` names the first."""

    processor: str
    since: datetime
    until: datetime
    sales_there: int
    missing_count: int
    missing: tuple[str, ...] = ()

    @property
    def percent(self) -> Decimal:
        """With one place, rounded down: 100 means that nothing is missing."""
        if not self.sales_there:
            return Decimal(100)
        here = Decimal(100) * (self.sales_there - self.missing_count) / self.sales_there
        return here.quantize(Decimal("0.1"), rounding=ROUND_DOWN)

    @property
    def sentence(self) -> str:
        vendor = self.processor.title()
        if not self.sales_there:
            return f"There were no {vendor} sales."
        if not self.missing_count:
            return f"All of your {self.sales_there:,} {vendor} sales are here."
        which = "this one is" if self.missing_count == 1 else f"these {self.missing_count} are"
        named = ", ".join(self.missing)
        more = ", …" if self.missing_count > len(self.missing) else ""
        return f"{self.percent} % of your {vendor} sales are here; {which} not: {named}{more}."


def get_coverage(connections: Iterable[Connection]) -> dict[int, Coverage]:
    """By connection, of those that were reconciled; in a fixed number of statements.

    What was found missing and has been recorded since counts as here.
    """
    accounts = {connection.pk: connection for connection in connections}
    runs = ReconciliationRun.objects.completed().filter(connection__in=accounts)
    newest = runs.order_by("connection_id", "-pk").distinct("connection_id")
    missing = _list_missing(accounts)
    return {
        run.connection_id: _describe(accounts[run.connection_id], run, missing) for run in newest
    }


def _list_missing(accounts: Iterable[int]) -> dict[int, list[Discrepancy]]:
    rows = Discrepancy.objects.open().filter(
        connection__in=accounts,
        movement_kind=TransactionKind.CHARGE,
        transaction=None,
        ours__isnull=True,
    )
    by_account: dict[int, list[Discrepancy]] = {}
    for row in rows.defer("statement").order_by("occurred_at", "pk"):
        by_account.setdefault(row.connection_id, []).append(row)
    return by_account


def _describe(
    connection: Connection, run: ReconciliationRun, missing: dict[int, list[Discrepancy]]
) -> Coverage:
    names = [
        row.external_id
        for row in missing.get(connection.pk, [])
        if row.occurred_at and run.since <= row.occurred_at < run.until
    ]
    return Coverage(
        processor=connection.processor,
        since=run.since,
        until=run.until,
        sales_there=run.sales_there,
        missing_count=min(len(names), run.sales_there),
        missing=tuple(names[:_MOST_NAMED]),
    )
