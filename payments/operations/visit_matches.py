"""Which appointment a terminal sale was for."""

from datetime import datetime

from django.conf import settings
from django.db import connection as database

from processors.models import Connection

# A sale names its appointment by a reference ("appointment:7"), or has its amount, without the
# tip, about its time. Only where each of the two has no other candidate; nothing that is paid
# through us or matched already.
_MATCH = """
WITH sale AS (
  SELECT t.id, t.barber_id, t.amount_minor - t.tip_minor AS price_minor, t.currency,
    t.occurred_at, t.our_reference
  FROM payments_externaltransaction t
  WHERE t.connection_id = %(connection)s AND t.kind = 'charge' AND t.purpose = 'sale'
    AND t.state = 'completed' AND t.payment_id IS NULL AND t.occurred_at >= %(since)s
    AND t.occurred_at < %(until)s
    AND NOT EXISTS (SELECT FROM payments_visitmatch m WHERE m.transaction_id = t.id)
), candidate AS (
  SELECT s.id AS sale_id, a.id AS appointment_id,
    s.our_reference = 'appointment:' || a.id AS is_named
  FROM sale s JOIN bookings_appointment a ON a.barber_id = s.barber_id
    AND (s.our_reference = 'appointment:' || a.id
      OR a.price_minor = s.price_minor AND a.currency = s.currency
        AND a.starts_at BETWEEN s.occurred_at - %(after)s * interval '1 second'
          AND s.occurred_at + %(before)s * interval '1 second')
  WHERE a.status NOT IN ('canceled', 'no_show')
    AND NOT EXISTS (SELECT FROM payments_visitmatch m WHERE m.appointment_id = a.id)
    AND NOT EXISTS (SELECT FROM payments_payment p WHERE p.appointment_id = a.id
      AND p.state NOT IN ('failed', 'canceled'))
), certain AS (
  SELECT *, count(*) OVER (PARTITION BY sale_id, is_named) AS of_sale,
    count(*) OVER (PARTITION BY appointment_id, is_named) AS of_appointment,
    bool_or(is_named) OVER (PARTITION BY sale_id) AS sale_is_named,
    bool_or(is_named) OVER (PARTITION BY appointment_id) AS appointment_is_named
  FROM candidate
)
INSERT INTO payments_visitmatch (transaction_id, appointment_id, rule, matched_by, matched_at)
SELECT sale_id, appointment_id, CASE WHEN is_named THEN 'reference' ELSE 'amount_and_time' END,
  %(by)s, %(now)s
FROM certain WHERE (of_sale, of_appointment) = (1, 1)
  AND (is_named OR NOT sale_is_named AND NOT appointment_is_named)
ORDER BY sale_id
ON CONFLICT DO NOTHING
"""


def match_visits(
    *, connection: Connection, since: datetime, until: datetime, by: str, now: datetime
) -> int:
    """Link sales of [since, until) that were taken without us to their barber's appointments.

    Unambiguous ones only: by reference, else by amount and time. Repeatable. Returns how many.
    """
    values = {
        "connection": connection.pk,
        "since": since,
        "until": until,
        "after": settings.VISIT_PAID_AFTER_SECONDS,
        "before": settings.VISIT_PAID_BEFORE_SECONDS,
        "by": by,
        "now": now,
    }
    with database.cursor() as cursor:
        cursor.execute(_MATCH, values)
        return int(cursor.rowcount)
