"""What barbers come to owe besides commission: the one door for accruals of every other kind."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from ..rules.dues import Due
from .accruals import to_posting
from .ledger import post

_ACCRUE = """
INSERT INTO payments_accrual (environment, barber_id, kind, revision, base_minor, rate,
  commission_minor, kept_minor, amount_minor, currency, occurred_at, created_at, reason, reference,
  corrects_id, rent_plan_id, period_start, period_end)
SELECT environment, barber_id, kind, 1, 0, 0, 0, 0, amount_minor, currency, occurred_at, %(now)s,
  reason, reference, corrects_id, rent_plan_id, period_start, period_end
FROM jsonb_to_recordset(%(dues)s) AS d(environment text, barber_id bigint, kind text,
  amount_minor bigint, currency text, occurred_at timestamptz, reason text, reference text,
  corrects_id bigint, rent_plan_id bigint, period_start date, period_end date)
ORDER BY environment, barber_id, kind, reference, rent_plan_id, period_start
ON CONFLICT DO NOTHING
RETURNING id, environment, barber_id, amount_minor, currency, occurred_at, kind, corrects_id
"""


def accrue_dues(dues: Sequence[Due], *, by: str, now: datetime) -> list[int]:
    """Make these accruals and book them; one that is there already is left alone.

    The same reference, or the same days of a rent plan, is the same accrual. Two statements in
    the usual case, however many. Returns the ids of the new ones.
    """
    if not dues:
        return []
    rows = json.dumps([_to_row(due) for due in dues])
    with connection.cursor() as cursor:
        cursor.execute(_ACCRUE, {"dues": rows, "now": now})
        accrued = cursor.fetchall()
    against = {(due.kind.value, due.corrects_id): due.counter_account for due in dues}
    post([to_posting(row=row[:6], against=against[row[6:]]) for row in accrued], by=by, now=now)
    return [row[0] for row in accrued]


def _to_row(due: Due) -> dict[str, Any]:
    return {
        "environment": due.environment,
        "barber_id": due.barber_id,
        "kind": due.kind.value,
        "amount_minor": due.amount.amount_minor,
        "currency": due.amount.currency,
        "occurred_at": due.occurred_at.isoformat(),
        "reason": due.reason,
        "reference": due.reference,
        "corrects_id": due.corrects_id,
        "rent_plan_id": due.rent_plan_id,
        "period_start": due.period_start and due.period_start.isoformat(),
        "period_end": due.period_end and due.period_end.isoformat(),
    }
