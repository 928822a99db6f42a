"""Collections of what is outstanding, in one statement written by hand for one week."""

from datetime import date, datetime

from django.db import connection

_BUILD = """
WITH outstanding AS (
  SELECT a.id, a.barber_id, a.currency, a.amount_minor FROM payments_accrual a
  WHERE a.environment = 'sandbox' AND a.amount_minor <> 0 AND a.occurred_at < %(until)s
    AND NOT EXISTS (SELECT FROM collections_app_collectionline l
      WHERE l.accrual_id = a.id AND l.state <> 'released')
), collection AS (
  INSERT INTO collections_app_platformcollection (public_id, environment, barber_id, kind,
    period_start, period_end, amount_minor, currency, line_count, state, contest_until, due_at,
    attempt_count, failure_code, failure_message, built_by, created_at)
  SELECT 'col_' || gen_random_uuid(), 'sandbox', barber_id, 'commission', %(start)s, %(end)s,
    sum(amount_minor), currency, count(*), 'pending', now(), now(), 0, '', '', 'bench', now()
  FROM outstanding GROUP BY barber_id, currency HAVING sum(amount_minor) >= 2500
  RETURNING id, barber_id, currency
)
INSERT INTO collections_app_collectionline (collection_id, accrual_id, amount_minor, state)
SELECT c.id, o.id, o.amount_minor, 'live'
FROM collection c JOIN outstanding o USING (barber_id, currency)
"""


def build(*, start: date, end: date, until: datetime) -> int:
    """How many lines; one statement, one commit."""
    with connection.cursor() as cursor:
        cursor.execute(_BUILD, {"start": start, "end": end, "until": until})
        return int(cursor.rowcount)
