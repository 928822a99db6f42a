"""What barbers come to owe. `accrue_sales` is the one function for commission of sales."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from bookedbarber.foundation.money import Money

from ..rules.postings import Posting, post_accrual
from .ledger import post

_LOCK = """
SELECT id FROM payments_externaltransaction WHERE id = ANY(%(sales)s) ORDER BY id FOR UPDATE
"""

# Commission of a sale is a target; an accrual is the step from what earlier ones say to it.
# numeric round() is half away from zero, which is half up for the amounts of sales.
_ACCRUE = """
WITH target AS (
  SELECT t.id, t.barber_id, t.currency, t.base_minor, t.commission_rate, t.occurred_at,
    c.environment,
    CASE WHEN t.state = 'completed'
      THEN round(t.base_minor * t.commission_rate / 100)::bigint ELSE 0 END AS due
  FROM payments_externaltransaction t JOIN processors_connection c ON c.id = t.connection_id
  WHERE t.id = ANY(%(sales)s) AND t.purpose = 'sale' AND t.kind = 'charge' AND t.owner_id <> 0
), earlier AS (
  SELECT sale_id, max(revision) AS revision, sum(commission_minor)::bigint AS commission
  FROM payments_accrual WHERE sale_id = ANY(%(sales)s) GROUP BY sale_id
)
INSERT INTO payments_accrual (environment, barber_id, kind, sale_id, revision, base_minor, rate,
  commission_minor, kept_minor, amount_minor, currency, occurred_at, created_at)
SELECT t.environment, t.barber_id, 'commission', t.id, coalesce(e.revision, 0) + 1, t.base_minor,
  t.commission_rate, t.due - coalesce(e.commission, 0), 0, t.due - coalesce(e.commission, 0),
  t.currency, t.occurred_at, %(now)s
FROM target t LEFT JOIN earlier e ON e.sale_id = t.id
WHERE t.due <> coalesce(e.commission, 0)
ORDER BY t.id
RETURNING id, environment, barber_id, amount_minor, currency, occurred_at
"""


def accrue_sales(sale_ids: Sequence[int], *, by: str, now: datetime) -> int:
    """Bring the commission owed for these sales on barbers' accounts to what it should be.

    Set-based and repeatable: where nothing changed it writes nothing. Returns how many accruals
    it made, each with its posting. Call it in the transaction that records the movements.
    """
    if not sale_ids:
        return 0
    values: dict[str, Any] = {"sales": list(sale_ids), "now": now}
    with connection.cursor() as cursor:
        # A statement of its own, so that the next one sees what we waited for.
        cursor.execute(_LOCK, values)
        cursor.execute(_ACCRUE, values)
        accrued = cursor.fetchall()
    post([_to_posting(row) for row in accrued], by=by, now=now)
    return len(accrued)


def _to_posting(row: tuple[int, str, int, int, str, datetime]) -> Posting:
    accrual_id, environment, barber_id, amount_minor, currency, occurred_at = row
    return post_accrual(
        accrual_id=accrual_id,
        environment=environment,
        barber_id=barber_id,
        amount=Money(amount_minor, currency),
        occurred_at=occurred_at,
    )
