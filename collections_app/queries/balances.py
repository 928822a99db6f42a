"""What stands in the books of a barber on both sides."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from bookedbarber.foundation.money import Money

from .outstanding import OUTSTANDING

_BALANCES = f"""
WITH {OUTSTANDING}
SELECT coalesce((
    SELECT sum(e.amount_minor) FROM payments_ledgeraccount a
    JOIN payments_ledgerentry e ON e.account_id = a.id
    WHERE a.environment = %(environment)s AND a.code = 'payable'
      AND a.barber_id = %(barber)s AND a.currency = %(currency)s), 0)::bigint,
  coalesce((
    SELECT sum(amount_minor) FROM outstanding
    WHERE barber_id = %(barber)s AND currency = %(currency)s), 0)::bigint
"""  # noqa: S608  the parts are constants

# Both sides, because a credit also waits in vain where sales end.
_IDLE = """
SELECT a.barber_id, a.currency
FROM payments_ledgeraccount a JOIN payments_ledgerentry e ON e.account_id = a.id
JOIN payments_ledgertransaction t ON t.id = e.transaction_id
WHERE a.environment = %(environment)s AND a.code IN ('payable', 'receivable')
GROUP BY a.barber_id, a.currency
HAVING max(t.booked_at) < %(since)s AND (
  coalesce(sum(e.amount_minor) FILTER (WHERE a.code = 'payable'), 0) > 0
  OR coalesce(sum(e.amount_minor) FILTER (WHERE a.code = 'receivable'), 0) < 0)
ORDER BY a.barber_id, a.currency
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balances:
    """Signs as in the books; `outstanding` leaves out what is in a collection or contested."""

    payable: Money
    outstanding: Money


def get_balances(*, environment: str, barber_id: int, currency: str) -> Balances:
    """One barber in one currency, in one statement."""
    values: dict[str, Any] = {
        "environment": environment,
        "barber": barber_id,
        "currency": currency,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BALANCES, values)
        payable, outstanding = cursor.fetchone()
    return Balances(payable=Money(payable, currency), outstanding=Money(outstanding, currency))


def list_idle(*, environment: str, since: datetime) -> list[tuple[int, str]]:
    """Barbers and currencies with a debt or a credit to which nothing was added since then."""
    values: dict[str, Any] = {"environment": environment, "since": since}
    with connection.cursor() as cursor:
        cursor.execute(_IDLE, values)
        return [(barber_id, currency) for barber_id, currency in cursor.fetchall()]
