"""What barbers come to owe. `accrue_sales` is the one function for commission of sales."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from bookedbarber.foundation.money import Money

from ..rules.postings import Posting, post_accrual
from ..states import AccountCode
from .ledger import post
from .recording.locks import lock_sales

# Commission of a sale is a target; an accrual is the step from what earlier ones say to it.
# `gone` is what went back to the payer, of both parts of a split sale, `kept` what the platform
# holds of its own part. As rules.commission.calculate_base_left and .calculate_commission;
# numeric round() is half away from zero, which is half up for what is not negative.
_ACCRUE = """
WITH sale AS (
  SELECT t.id, t.barber_id, t.currency, t.base_minor, t.commission_rate, t.occurred_at,
    t.state = 'completed' AS is_completed, c.environment,
    CASE WHEN p.decision = 'split' THEN p.id END AS split_id,
    CASE WHEN p.decision = 'split' THEN p.amount_minor ELSE t.amount_minor END AS whole
  FROM payments_externaltransaction t JOIN processors_connection c ON c.id = t.connection_id
  LEFT JOIN payments_payment p ON p.id = t.payment_id
  WHERE (t.id = ANY(%(sales)s) OR t.payment_id = ANY(%(payments)s))
    AND t.purpose = 'sale' AND t.kind = 'charge' AND t.owner_id <> 0
), part AS (
  SELECT s.id AS sale_id, k.id AS charge_id, k.amount_minor
  FROM sale s JOIN payments_externaltransaction k ON k.payment_id = s.split_id
    AND k.kind = 'charge' AND k.purpose = 'commission' AND k.state = 'completed'
), returned AS (
  SELECT r.sale_id, r.is_part, k.occurred_at,
    CASE WHEN k.kind IN ('refund', 'dispute') THEN k.amount_minor ELSE -k.amount_minor END AS amount
  FROM (
    SELECT id AS sale_id, id AS charge_id, false AS is_part FROM sale
    UNION ALL SELECT sale_id, charge_id, true FROM part
  ) r JOIN payments_externaltransaction k ON k.sale_id = r.charge_id AND k.state = 'completed'
), returns AS (
  SELECT sale_id, sum(amount) AS gone, max(occurred_at) AS last_at,
    coalesce(sum(amount) FILTER (WHERE is_part), 0) AS gone_of_part
  FROM returned GROUP BY sale_id
), parts AS (
  SELECT sale_id, sum(amount_minor) AS amount FROM part GROUP BY sale_id
), remaining AS (
  SELECT s.*, greatest(s.occurred_at, r.last_at) AS changed_at,
    s.base_minor - div(
      2 * s.base_minor::numeric * least(greatest(coalesce(r.gone, 0), 0), s.whole) + s.whole,
      2 * s.whole)::bigint AS base_left,
    greatest(coalesce(p.amount - coalesce(r.gone_of_part, 0), 0), 0)::bigint AS held
  FROM sale s LEFT JOIN returns r ON r.sale_id = s.id LEFT JOIN parts p ON p.sale_id = s.id
), target AS (
  SELECT *, CASE WHEN is_completed THEN held ELSE 0 END AS kept,
    CASE WHEN is_completed THEN round(base_left * commission_rate / 100)::bigint ELSE 0 END AS due
  FROM remaining
), step AS (
  SELECT t.*, e.revision + 1 AS revision,
    t.due - e.commission AS commission_step, t.kept - e.kept AS kept_step
  FROM target t CROSS JOIN LATERAL (
    SELECT coalesce(max(revision), 0) AS revision,
      coalesce(sum(commission_minor), 0)::bigint AS commission,
      coalesce(sum(kept_minor), 0)::bigint AS kept
    FROM payments_accrual WHERE sale_id = t.id
  ) e
)
INSERT INTO payments_accrual (environment, barber_id, kind, sale_id, revision, base_minor, rate,
  commission_minor, kept_minor, amount_minor, currency, occurred_at, created_at)
SELECT environment, barber_id, 'commission', id, revision, base_left, commission_rate,
  commission_step, kept_step, commission_step - kept_step, currency, changed_at, %(now)s
FROM step WHERE (commission_step, kept_step) <> (0, 0)
ORDER BY id
RETURNING id, environment, barber_id, amount_minor, currency, occurred_at
"""


def accrue_sales(sale_ids: Sequence[int], *, by: str, now: datetime) -> int:
    """Bring the commission owed for these sales on barbers' accounts to what it should be.

    The target is the rate of what is left of the base, less what the platform holds of its own
    part of a split sale. Set-based and repeatable: where nothing changed it writes nothing.
    Returns how many accruals it made. Call it in the transaction that records the movements.
    """
    lock_sales(sale_ids)
    return accrue_locked_sales(sale_ids, by=by, now=now)


def accrue_locked_sales(
    sale_ids: Sequence[int], *, payment_ids: Sequence[int] = (), by: str, now: datetime
) -> int:
    """As `accrue_sales`, for rows (and split payments, for their main part) that are locked."""
    if not sale_ids and not payment_ids:
        return 0
    values: dict[str, Any] = {"sales": list(sale_ids), "payments": list(payment_ids), "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_ACCRUE, values)
        accrued = cursor.fetchall()
    post([to_posting(row=row) for row in accrued if row[3]], by=by, now=now)
    return len(accrued)


def to_posting(*, row: Sequence[Any], against: AccountCode = AccountCode.COMMISSION) -> Posting:
    """An accrual as `RETURNING` tells it: its id, environment, barber, amount, currency, moment."""
    accrual_id, environment, barber_id, amount_minor, currency, occurred_at = row
    return post_accrual(
        accrual_id=accrual_id,
        environment=environment,
        barber_id=barber_id,
        amount=Money(amount_minor, currency),
        occurred_at=occurred_at,
        against=against,
    )
