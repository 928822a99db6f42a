"""Noticing that a barber owes more than his terms allow."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from payments.models import HybridPaymentConfig

from ..models import OutstandingAlert
from .notices import tell_of_outstanding

# Rows that are there already are left alone, so each time above the maximum is told once.
_OWED = """
WITH owed AS (
  SELECT a.barber_id, a.currency, sum(e.amount_minor)::bigint AS owed_minor
  FROM payments_ledgeraccount a JOIN payments_ledgerentry e ON e.account_id = a.id
  WHERE a.environment = %(environment)s AND a.code = 'receivable'
  GROUP BY a.barber_id, a.currency
), above AS (
  SELECT o.*, coalesce(c.maximum_outstanding_minor, %(default)s) AS maximum_minor
  FROM owed o LEFT JOIN LATERAL (
    SELECT maximum_outstanding_minor FROM payments_hybridpaymentconfig
    WHERE barber_id = o.barber_id AND effective_at <= %(now)s
    ORDER BY effective_at DESC LIMIT 1
  ) c ON true
  WHERE o.owed_minor > coalesce(c.maximum_outstanding_minor, %(default)s)
)
"""

_CLOSE = f"""{_OWED}
UPDATE collections_app_outstandingalert l SET closed_at = %(now)s
WHERE l.closed_at IS NULL AND l.environment = %(environment)s AND NOT EXISTS (
  SELECT FROM above v WHERE v.barber_id = l.barber_id AND v.currency = l.currency)
"""  # noqa: S608  the parts are constants

_OPEN = f"""{_OWED}
INSERT INTO collections_app_outstandingalert
  (environment, barber_id, currency, owed_minor, maximum_minor, opened_at)
SELECT %(environment)s, barber_id, currency, owed_minor, maximum_minor, %(now)s
FROM above ORDER BY barber_id, currency
ON CONFLICT DO NOTHING
RETURNING id
"""  # noqa: S608  the parts are constants


@transaction.atomic
def report_outstanding(*, now: datetime) -> list[OutstandingAlert]:
    """Open an alert for everybody above his maximum, close those who are not any more.

    The barber and every operator are told of a new one by mail. Returns the new ones.
    Repeatable: an open alert is not opened again.
    """
    values: dict[str, Any] = {
        "environment": settings.ENVIRONMENT,
        "default": HybridPaymentConfig().maximum_outstanding_minor,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, values)
        cursor.execute(_OPEN, values)
        ids = [row[0] for row in cursor.fetchall()]
    rows = OutstandingAlert.objects.filter(pk__in=ids).select_related("barber__user")
    opened = list(rows.order_by("pk"))
    for alert in opened:
        tell_of_outstanding(
            barber=alert.barber,
            outstanding=alert.owed,
            maximum=alert.maximum,
            day=now.date(),
            now=now,
        )
    return opened
