"""What went back to a barber of a debit is owed again."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

# The movement posts it: no posting of the accrual's own.
_ACCRUE = """
INSERT INTO payments_accrual (environment, barber_id, kind, movement_id, revision, base_minor, rate,
  commission_minor, kept_minor, amount_minor, currency, occurred_at, created_at)
SELECT c.environment, t.barber_id, 'repaid', t.id, 1, 0, 0, 0, 0,
  CASE WHEN t.kind IN ('refund', 'dispute') THEN t.amount_minor ELSE -t.amount_minor END,
  t.currency, t.occurred_at, %(now)s
FROM payments_externaltransaction t JOIN processors_connection c ON c.id = t.connection_id
WHERE t.id = ANY(%(movements)s) AND t.purpose = 'debit' AND t.state = 'completed'
  AND t.kind IN ('refund', 'refund_failed', 'dispute', 'dispute_won')
ORDER BY t.id
ON CONFLICT DO NOTHING
"""


def accrue_repaid(*, movement_ids: Sequence[int], now: datetime) -> int:
    """Let a barber owe what these movements gave back of his debits, or less by what came again.

    For what no collection's state says. Repeatable; returns how many accruals are new. Call it in
    the transaction that records the movements.
    """
    if not movement_ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_ACCRUE, {"movements": list(movement_ids), "now": now})
        return int(cursor.rowcount)
