"""How far the rent of plans is accrued."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Max

from bookedbarber.foundation.money import Money
from payments.models import Accrual

from ..models import RentPlan
from ..rules.rents import RentTerms
from ..states import RentFrequency

# Locked, so that none of them ends while its rent is accrued; one that is being ended is left out.
_OPEN_PLANS = """
SELECT p.id, p.public_id, p.barber_id, b.time_zone, p.amount_minor, p.currency, p.frequency,
  p.starts_on, p.ends_on, last.period_end
FROM collections_app_rentplan p JOIN accounts_barber b ON b.id = p.barber_id
LEFT JOIN LATERAL (
  SELECT a.period_end FROM payments_accrual a WHERE a.rent_plan_id = p.id
  ORDER BY a.period_start DESC LIMIT 1
) last ON true
WHERE p.environment = %(environment)s AND p.starts_on <= %(latest)s
  AND (p.ends_on IS NULL OR p.ends_on > coalesce(last.period_end, p.starts_on))
  AND p.id > %(after)s
ORDER BY p.id LIMIT %(most)s
FOR NO KEY UPDATE OF p SKIP LOCKED
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPlan:
    """A plan whose rent is not accrued to its end; `accrued_until` is the first day that is not."""

    id: int
    public_id: str
    barber_id: int
    zone: ZoneInfo
    terms: RentTerms
    accrued_until: date | None


def find_accrued_until(plan: RentPlan) -> date | None:
    """The day after the last one whose rent is owed."""
    accrued = Accrual.objects.filter(rent_plan_id=plan.pk)
    last: date | None = accrued.aggregate(last=Max("period_end"))["last"]
    return last


def lock_open_plans(*, environment: str, latest: date, after: int, most: int) -> Sequence[OpenPlan]:
    """Plans that had begun by then, by id; call it in the transaction that accrues their rent."""
    values: dict[str, Any] = {
        "environment": environment,
        "latest": latest,
        "after": after,
        "most": most,
    }
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_PLANS, values)
        return [_to_plan(*row) for row in cursor.fetchall()]


def _to_plan(*row: Any) -> OpenPlan:
    plan_id, public_id, barber_id, zone, minor, currency, frequency, starts_on, ends_on, until = row
    return OpenPlan(
        id=plan_id,
        public_id=public_id,
        barber_id=barber_id,
        zone=ZoneInfo(zone),
        terms=RentTerms(
            amount=Money(minor, currency),
            frequency=RentFrequency(frequency),
            starts_on=starts_on,
            ends_on=ends_on,
        ),
        accrued_until=until,
    )
