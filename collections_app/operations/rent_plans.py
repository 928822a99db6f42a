"""Booth rent: agreeing on it, and its end."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.errors import Conflict, Invalid
from bookedbarber.foundation.money import Money

from ..models import RentPlan
from ..queries.rents import find_accrued_until
from ..states import RentFrequency

# A slip of the keyboard in a date would be years of rent.
LONGEST_PAST, LONGEST_FUTURE = timedelta(days=366), timedelta(days=3660)


class RentNotValid(Invalid):
    """The rent plan contradicts itself."""


class RentPlansOverlap(Conflict):
    """Another rent plan of this barber covers some of these days."""

    code = "RENT_PLANS_OVERLAP"


class RentPlanEnded(Conflict):
    """The rent plan ends earlier already."""


class RentAlreadyAccrued(Conflict):
    """The rent of these days is owed already; adjust what was accrued."""


def create_rent_plan(
    *,
    barber: Barber,
    amount: Money,
    frequency: str,
    starts_on: date,
    by: str,
    now: datetime,
    ends_on: date | None = None,
    reason: str = "",
) -> RentPlan:
    """Agree on a rent for each period from a local day on; `ends_on` is the day after the last.

    :raises RentNotValid: names the field and the limit.
    :raises RentPlansOverlap: another plan covers some of the days.
    """
    _check(amount, frequency, starts_on, ends_on, today=now.astimezone(barber.zone).date())
    try:
        with transaction.atomic():
            return RentPlan.objects.create(
                environment=settings.ENVIRONMENT,
                barber=barber,
                amount_minor=amount.amount_minor,
                currency=amount.currency,
                frequency=frequency,
                starts_on=starts_on,
                ends_on=ends_on,
                set_by=by,
                reason=reason,
                created_at=now,
            )
    except IntegrityError as error:
        if "rent_plans_do_not_overlap" not in str(error):
            raise
        raise RentPlansOverlap(barber_id=barber.pk) from error


@transaction.atomic
def end_rent_plan(
    *, plan: RentPlan, ends_on: date, by: str, now: datetime, reason: str = ""
) -> RentPlan:
    """End a plan before a day, which is its only change; safe to repeat.

    :raises RentNotValid: the day is before the plan begins.
    :raises RentPlanEnded: it ends earlier already.
    :raises RentAlreadyAccrued: rent of later days is owed already.
    """
    locked = RentPlan.objects.select_for_update(of=["self"]).get(pk=plan.pk)
    if locked.ends_on == ends_on:
        return locked
    _check_end(locked, ends_on, today=now.astimezone(locked.barber.zone).date())
    before, locked.ends_on = locked.ends_on, ends_on
    locked.save(update_fields=["ends_on"])
    record_audit(
        subject=locked.subject,
        action="rent_plan.ended",
        by=by,
        reason=reason,
        before={"ends_on": before and before.isoformat()},
        after={"ends_on": ends_on.isoformat()},
    )
    return locked


def _check(
    amount: Money, frequency: str, starts_on: date, ends_on: date | None, *, today: date
) -> None:
    if amount.amount_minor <= 0:
        raise RentNotValid("amount: must be more than 0", field="amount")
    if amount.currency not in settings.CURRENCIES:
        supported = ", ".join(settings.CURRENCIES)
        raise RentNotValid(f"currency: one of {supported} is needed", field="currency")
    if frequency not in RentFrequency.values:
        known = ", ".join(RentFrequency.values)
        raise RentNotValid(f"frequency: one of {known} is needed", field="frequency")
    if not today - LONGEST_PAST <= starts_on <= today + LONGEST_FUTURE:
        raise RentNotValid("starts_on: at most a year ago and ten years ahead", field="starts_on")
    if ends_on is not None:
        _check_last_day(starts_on, ends_on, today=today)


def _check_end(plan: RentPlan, ends_on: date, *, today: date) -> None:
    _check_last_day(plan.starts_on, ends_on, today=today)
    if plan.ends_on is not None and ends_on > plan.ends_on:
        raise RentPlanEnded(ends_on=plan.ends_on.isoformat())
    accrued_until = find_accrued_until(plan)
    if accrued_until is not None and ends_on < accrued_until:
        raise RentAlreadyAccrued(accrued_until=accrued_until.isoformat())


def _check_last_day(starts_on: date, ends_on: date, *, today: date) -> None:
    if not starts_on <= ends_on <= today + 2 * LONGEST_FUTURE:
        raise RentNotValid(
            "ends_on: not before the plan begins, nor decades ahead", field="ends_on"
        )
