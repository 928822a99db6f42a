"""Sales of a barber that look like one visit paid twice, and legs whose money never came here.

Both go into the table `differences` of a comparison, after `comparisons.compare`.
"""

from typing import Any

from django.conf import settings
from django.db import connection as database

from ..models import ReconciliationRun
from .comparisons import get_values

# Each sale beside the one before it of the same barber, amount and currency, on any account of
# his; what is listed and not here yet counts. Two appointments are two visits.
_TWINS = """
DROP TABLE IF EXISTS twins;
CREATE TEMPORARY TABLE twins ON COMMIT DROP AS
WITH account AS (
  SELECT id, owner_id, environment FROM processors_connection WHERE id = %(connection)s
), sales AS (
  SELECT t.id, t.connection_id, t.barber_id, t.external_id, t.amount_minor, t.tip_minor,
    t.fee_minor, t.currency, t.occurred_at, p.appointment_id
  FROM payments_externaltransaction t JOIN processors_connection c ON c.id = t.connection_id
  JOIN account a ON a.environment = c.environment
  LEFT JOIN payments_payment p ON p.id = t.payment_id
  WHERE t.kind = 'charge' AND t.purpose = 'sale' AND t.state = 'completed'
    AND CASE WHEN a.owner_id = 0 THEN true ELSE t.barber_id = a.owner_id END
    AND t.occurred_at >= %(since)s - %(apart)s * interval '1 second'
    AND t.occurred_at < %(until)s
    AND t.id NOT IN (SELECT added_id FROM payments_correction WHERE added_id IS NOT NULL)
    AND NOT EXISTS (SELECT FROM payments_externaltransaction f WHERE f.sale_id = t.id
      AND f.kind = 'refund' AND f.state IN ('completed', 'pending')
      HAVING sum(f.amount_minor) >= t.amount_minor)
  UNION ALL
  SELECT NULL, a.id, a.owner_id, d.external_id, d.s_amount, d.s_tip, d.s_fee, d.s_currency,
    d.occurred_at, NULL
  FROM differences d CROSS JOIN account a
  WHERE a.owner_id <> 0 AND d.kind = 'missing_here' AND d.movement_kind = 'charge'
), beside AS (
  SELECT *, lag(id) OVER w AS twin_id, lag(occurred_at) OVER w AS twin_at,
    lag(appointment_id) OVER w AS twin_appointment_id
  FROM sales WINDOW w AS (PARTITION BY barber_id, currency, amount_minor
    ORDER BY occurred_at, id NULLS LAST, external_id)
)
SELECT id, external_id, amount_minor, tip_minor, fee_minor, currency, occurred_at, twin_id
FROM beside
WHERE connection_id = %(connection)s AND twin_id IS NOT NULL AND occurred_at >= %(since)s
  AND occurred_at <= twin_at + %(apart)s * interval '1 second'
  AND (appointment_id IS NULL OR twin_appointment_id IS NULL
    OR appointment_id = twin_appointment_id)
"""

_NAME_MISSING = """
UPDATE differences d SET kind = 'visit_paid_twice', twin_id = t.twin_id FROM twins t
WHERE t.id IS NULL AND d.kind = 'missing_here' AND d.movement_kind = 'charge'
  AND d.external_id = t.external_id
"""

# An object has one difference, the most serious.
_ADD_KNOWN = """
INSERT INTO differences (kind, movement_kind, external_id, occurred_at, transaction_id,
  our_reference, o_state, o_amount, o_tip, o_fee, o_currency, twin_id)
SELECT 'visit_paid_twice', 'charge', t.external_id, t.occurred_at, t.id, '', 'completed',
  t.amount_minor, t.tip_minor, t.fee_minor, t.currency, t.twin_id
FROM twins t WHERE t.id IS NOT NULL AND NOT EXISTS (
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
    values = get_values(run) | {"apart": settings.SAME_VISIT_SECONDS}
    _execute([_TWINS, _NAME_MISSING, _ADD_KNOWN], values)


def add_lone_parts(run: ReconciliationRun) -> None:
    """Name captured legs without a movement, and payout entries without their transaction."""
    _execute([_ADD_LEGS, _ADD_ENTRIES], get_values(run))


def _execute(statements: list[str], values: dict[str, Any]) -> None:
    with database.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values)
