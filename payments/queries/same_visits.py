"""Sales of a barber that look like one visit paid twice, and legs whose money never came here.

Both go into the table `differences` of a comparison, after `comparisons.compare`.
"""

from typing import Any

from django.conf import settings
from django.db import connection as database

from ..models import ReconciliationRun
from .comparisons import get_values

# ruff: noqa: S608  the parts of these statements are constants

# What was not given back of a barber's completed sales, on any account of his.
_SALES = """
SELECT t.id, t.barber_id, t.amount_minor, t.currency, t.occurred_at
FROM payments_externaltransaction t
WHERE t.kind = 'charge' AND t.purpose = 'sale' AND t.state = 'completed'
  AND (%(owner)s = 0 OR t.barber_id = %(owner)s)
  AND t.connection_id = ANY(ARRAY(SELECT c.id FROM processors_connection c
    JOIN processors_connection a ON a.id = %(connection)s AND a.environment = c.environment))
  AND t.occurred_at >= %(since)s - %(apart)s * interval '1 second'
  AND t.occurred_at < %(until)s
  AND t.id NOT IN (SELECT added_id FROM payments_correction WHERE added_id IS NOT NULL)
  AND t.id NOT IN (SELECT s.id FROM payments_externaltransaction f
    JOIN payments_externaltransaction s ON s.id = f.sale_id
    WHERE f.kind = 'refund' AND f.state IN ('completed', 'pending')
      AND f.occurred_at >= %(since)s - %(apart)s * interval '1 second'
      AND (%(owner)s = 0 OR f.barber_id = %(owner)s)
    GROUP BY s.id, s.amount_minor HAVING sum(f.amount_minor) >= s.amount_minor)
"""

# Each sale soon after another one of the same barber, amount and currency. Only what it is sorted
# by is sorted, and no temporary table is read: so the database can share the work among its
# processes.
_BESIDE = f"""
DROP TABLE IF EXISTS beside;
CREATE TEMPORARY TABLE beside ON COMMIT DROP AS
SELECT id, twin_id FROM (
  SELECT id, occurred_at, lag(id) OVER w AS twin_id, lag(occurred_at) OVER w AS twin_at
  FROM ({_SALES}) sales
  WINDOW w AS (PARTITION BY amount_minor, barber_id, currency ORDER BY occurred_at, id)
) ordered
WHERE occurred_at >= %(since)s AND occurred_at <= twin_at + %(apart)s * interval '1 second'
"""

# Two appointments are two visits.
_TWINS = """
DROP TABLE IF EXISTS twins;
CREATE TEMPORARY TABLE twins ON COMMIT DROP AS
SELECT t.id, t.external_id, t.amount_minor, t.tip_minor, t.fee_minor, t.currency, t.occurred_at,
  b.twin_id
FROM beside b JOIN payments_externaltransaction t ON t.id = b.id
JOIN payments_externaltransaction e ON e.id = b.twin_id
LEFT JOIN payments_payment p ON p.id = t.payment_id
LEFT JOIN payments_payment q ON q.id = e.payment_id
WHERE t.connection_id = %(connection)s
  AND (p.appointment_id IS NULL OR q.appointment_id IS NULL
    OR p.appointment_id = q.appointment_id)
"""

# What is listed and not here yet, beside the last sale before it.
_NAME_MISSING = f"""
UPDATE differences d SET kind = 'visit_paid_twice', twin_id = twin.id
FROM differences m CROSS JOIN LATERAL (
  SELECT s.id FROM ({_SALES}) s
  WHERE s.barber_id = %(owner)s AND s.amount_minor = m.s_amount AND s.currency = m.s_currency
    AND s.occurred_at <= m.occurred_at
    AND s.occurred_at >= m.occurred_at - %(apart)s * interval '1 second'
  ORDER BY s.occurred_at DESC, s.id DESC LIMIT 1
) twin
WHERE d.ctid = m.ctid AND m.kind = 'missing_here' AND m.movement_kind = 'charge'
"""

# An object has one difference, the most serious.
_ADD_KNOWN = """
INSERT INTO differences (kind, movement_kind, external_id, occurred_at, transaction_id,
  our_reference, o_state, o_amount, o_tip, o_fee, o_currency, twin_id)
SELECT 'visit_paid_twice', 'charge', t.external_id, t.occurred_at, t.id, '', 'completed',
  t.amount_minor, t.tip_minor, t.fee_minor, t.currency, t.twin_id
FROM twins t WHERE NOT EXISTS (
  SELECT FROM differences d WHERE d.movement_kind = 'charge' AND d.external_id = t.external_id)
"""

_ADD_LEGS = """
INSERT INTO differences (kind, movement_kind, external_id, occurred_at, our_reference, o_state,
  o_amount, o_tip, o_fee, o_currency)
SELECT 'leg_without_movement', 'charge', l.external_id, l.created_at, l.public_id, 'completed',
  l.amount_minor, l.tip_minor, NULL, l.currency
FROM payments_paymentleg l
WHERE l.connection_id = %(connection)s AND l.state = 'captured' AND l.external_id <> ''
  AND l.created_at >= %(since)s AND l.created_at < %(until)s
  AND NOT EXISTS (SELECT FROM payments_externaltransaction t
    WHERE t.connection_id = l.connection_id AND t.kind = 'charge' AND t.group_id = l.external_id)
  AND NOT EXISTS (SELECT FROM payments_externaltransaction t
    WHERE t.connection_id = l.connection_id AND t.kind = 'charge'
      AND t.our_reference = l.public_id AND t.occurred_at >= %(from)s)
  AND NOT EXISTS (SELECT FROM differences d WHERE d.our_reference = l.public_id
    OR d.movement_kind = 'charge' AND d.external_id = l.external_id)
"""

# What a payout is said to consist of, and neither side has.
_ADD_ENTRIES = """
INSERT INTO differences (kind, movement_kind, external_id, occurred_at, our_reference, s_state,
  s_amount, s_tip, s_fee, s_currency)
SELECT 'entry_without_movement', s.kind, s.external_id, s.occurred_at, '', s.state,
  s.amount_minor, 0, NULL, s.currency
FROM payments_listedmovement s LEFT JOIN payments_externaltransaction t
  ON t.connection_id = %(connection)s AND t.kind = s.kind AND t.external_id = s.external_id
WHERE s.run_id = %(run)s AND s.is_mentioned AND t.id IS NULL
  AND s.occurred_at >= %(since)s AND s.occurred_at < %(until)s
"""


def add_same_visits(run: ReconciliationRun) -> None:
    """Name the later of two sales that are one visit, where nothing worse is to be said of it."""
    about = {"apart": settings.SAME_VISIT_SECONDS, "owner": run.connection.owner_id}
    values = get_values(run) | about
    _execute([_BESIDE, _TWINS, _NAME_MISSING, _ADD_KNOWN], values)


def add_lone_parts(run: ReconciliationRun) -> None:
    """Name captured legs without a movement, and payout entries without their transaction."""
    _execute([_ADD_LEGS, _ADD_ENTRIES], get_values(run))


def _execute(statements: list[str], values: dict[str, Any]) -> None:
    with database.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values)
