"""A posting as one statement written by hand; its accounts must exist."""

from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

_BOOK = """
WITH fact AS (
  INSERT INTO payments_ledgertransaction
    (kind, source_type, source_id, revision, occurred_at, booked_at, by)
  VALUES (%s, 'movement', %s, 1, %s, %s, 'usr_floor')
  RETURNING id
)
INSERT INTO payments_ledgerentry (transaction_id, account_id, barber_id, amount_minor, currency)
SELECT fact.id, a.id, a.barber_id, e.amount_minor, 'USD'
FROM fact, (VALUES {entries}) AS e(code, barber_id, connection_id, amount_minor)
JOIN payments_ledgeraccount a ON a.environment = 'sandbox' AND a.code = e.code
  AND a.barber_id = e.barber_id AND a.connection_id = e.connection_id AND a.currency = 'USD'
"""


class LedgerFact(NamedTuple):
    """`entries`: account code, barber id, connection id, minor units."""

    kind: str
    source_id: int
    occurred_at: datetime
    entries: tuple[tuple[str, int, int, int], ...]


def book(cursor: Any, fact: LedgerFact) -> None:
    values = [value for entry in fact.entries for value in entry]
    now = datetime.now(UTC)
    cursor.execute(
        _get_statement(len(fact.entries)),
        [fact.kind, fact.source_id, fact.occurred_at, now, *values],
    )


@cache
def _get_statement(entries: int) -> str:
    return _BOOK.format(entries=", ".join(["(%s, %s, %s, %s)"] * entries))
