"""Rent that falls due."""

from datetime import datetime, timedelta

from django.conf import settings

from bookedbarber.foundation.database import retry_transaction
from payments.operations.dues import accrue_dues
from payments.rules.dues import Due
from payments.states import AccrualKind

from ..queries.rents import OpenPlan, lock_open_plans
from ..rules.periods import get_first_moment
from ..rules.rents import Rent, list_rents

# Plans in one transaction.
BATCH = 2000


def accrue_rent(*, by: str, now: datetime, environment: str | None = None) -> int:
    """Owe what has fallen due of every rent plan, however long nobody looked.

    Repeatable, also at once: a plan's days accrue once. Returns how many accruals it made. The
    number of statements does not depend on that of the plans, up to 2,000.
    """
    made, after = 0, 0
    while True:
        accrued, last = _accrue_batch(environment or settings.ENVIRONMENT, after, by=by, now=now)
        made += accrued
        if last is None:
            return made
        after = last


@retry_transaction
def _accrue_batch(
    environment: str, after: int, *, by: str, now: datetime
) -> tuple[int, int | None]:
    """How many accruals, and the last plan if there may be more."""
    # Nowhere is it later than a day ahead of here.
    latest = now.date() + timedelta(days=1)
    plans = lock_open_plans(environment=environment, latest=latest, after=after, most=BATCH)
    dues = [
        _to_due(plan, rent, environment)
        for plan in plans
        for rent in list_rents(
            plan.terms, since=plan.accrued_until, until=now.astimezone(plan.zone).date()
        )
    ]
    made = len(accrue_dues(dues, by=by, now=now))
    return made, plans[-1].id if len(plans) == BATCH else None


def _to_due(plan: OpenPlan, rent: Rent, environment: str) -> Due:
    return Due(
        environment=environment,
        barber_id=plan.barber_id,
        kind=AccrualKind.RENT,
        amount=rent.amount,
        occurred_at=get_first_moment(rent.due_on, plan.zone),
        rent_plan_id=plan.id,
        period_start=rent.start,
        period_end=rent.end,
        reason=f"Rent from {rent.start} to {rent.due_on}, {plan.public_id}",
    )
