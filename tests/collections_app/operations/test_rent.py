"""Agreeing on rent, owing it period by period, and ending it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import InternalError, transaction

from bookedbarber.foundation.errors import DomainError
from bookedbarber.foundation.money import Money
from collections_app.models import RentPlan
from collections_app.operations.rent import accrue_rent
from collections_app.operations.rent_plans import (
    RentAlreadyAccrued,
    RentNotValid,
    RentPlanEnded,
    RentPlansOverlap,
    create_rent_plan,
    end_rent_plan,
)
from payments.models import Accrual
from tests import factories
from tests.payments.books import BY, at_once, get_balances, get_failed_checks, usd

pytestmark = pytest.mark.django_db

JUNE = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def barber():
    return factories.create_barber(time_zone="America/New_York")


def agree(barber, **terms: Any) -> RentPlan:
    defaults: dict[str, Any] = {
        "amount": usd(150_00),
        "frequency": "weekly",
        "starts_on": JUNE,
        "now": NOW,
    }
    return create_rent_plan(barber=barber, by=BY, **(defaults | terms))


def accrue(now: datetime) -> list[int]:
    before = Accrual.objects.count()
    made = accrue_rent(by=BY, now=now)
    rows = list(Accrual.objects.order_by("pk").values_list("amount_minor", flat=True))[before:]
    assert made == len(rows)
    return rows


def test_ten_days_of_a_weekly_rent_are_owed_and_booked(barber):
    plan = agree(barber, ends_on=JUNE + 10 * DAY)

    # A week falls due with its last day, in New York.
    assert accrue(datetime(2026, 6, 7, 3, 59, tzinfo=UTC)) == []
    assert accrue(datetime(2026, 6, 7, 4, tzinfo=UTC)) == [150_00]
    assert accrue(NOW + 30 * DAY) == [64_29]
    assert accrue(NOW + 60 * DAY) == []

    last = Accrual.objects.latest("pk")
    assert (last.kind, last.rent_plan_id, last.currency) == ("rent", plan.pk, "USD")
    assert (last.period_start, last.period_end) == (date(2026, 6, 8), date(2026, 6, 11))
    assert get_balances() == {"receivable": 214_29, "rent": -214_29}
    assert get_failed_checks() == set()


@pytest.mark.parametrize(
    "days", [(-7, 1), (0, 1), (5, None), (-20, None)], ids=["last", "first", "later", "earlier"]
)
def test_two_rents_for_one_day_are_refused(barber, days):
    agree(barber, ends_on=JUNE + 14 * DAY)
    start, length = days
    end = None if length is None else JUNE + length * DAY

    with pytest.raises(RentPlansOverlap):
        agree(barber, starts_on=JUNE + start * DAY, ends_on=end)

    agree(barber, starts_on=JUNE + 14 * DAY)
    agree(barber, starts_on=JUNE - 7 * DAY, ends_on=JUNE)
    assert RentPlan.objects.count() == 3


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"amount": usd(0)}, "amount"),
        ({"amount": Money(1, "JPY")}, "currency"),
        ({"frequency": "hourly"}, "frequency"),
        ({"starts_on": date(2016, 6, 1)}, "starts_on"),
        ({"starts_on": date(9999, 6, 1)}, "starts_on"),
        ({"ends_on": JUNE - DAY}, "ends_on"),
        ({"ends_on": date(9999, 6, 1)}, "ends_on"),
    ],
)
def test_nonsense_is_refused_by_field(barber, terms, field):
    with pytest.raises(RentNotValid) as raised:
        agree(barber, **terms)

    assert raised.value.details == {"field": field}


def test_a_plan_ends_earlier_but_neither_later_nor_where_rent_is_owed(barber):
    plan = agree(barber, ends_on=JUNE + 60 * DAY)
    accrue(NOW + 7 * DAY)

    def end(day: date) -> RentPlan:
        return end_rent_plan(plan=plan, ends_on=day, by=BY, now=NOW + 7 * DAY, reason="moves out")

    assert end(JUNE + 8 * DAY) == end(JUNE + 8 * DAY) == plan
    for day, refusal in [
        (JUNE + 9 * DAY, RentPlanEnded),
        (JUNE + 6 * DAY, RentAlreadyAccrued),
        (JUNE - DAY, RentNotValid),
    ]:
        with pytest.raises(DomainError) as raised:
            end(day)
        assert type(raised.value) is refusal
    assert accrue(NOW + 60 * DAY) == [21_43]


def test_the_database_lets_nobody_change_what_a_plan_says(barber):
    plan = agree(barber)

    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        RentPlan.objects.filter(pk=plan.pk).update(amount_minor=1)
    with pytest.raises(InternalError, match="Cannot delete"), transaction.atomic():
        RentPlan.objects.filter(pk=plan.pk).delete()


@pytest.mark.django_db(transaction=True)
def test_several_at_once_owe_each_period_once(barber):
    agree(barber)
    others = [agree(factories.create_barber()) for _ in range(5)]

    made = at_once([lambda: accrue_rent(by=BY, now=NOW + 21 * DAY)] * 4)

    rest = accrue_rent(by=BY, now=NOW + 21 * DAY)
    assert sum(made) + rest == Accrual.objects.count() == 3 * (1 + len(others))
    assert get_failed_checks() == set()


@pytest.mark.django_db(transaction=True)
def test_no_rent_is_owed_of_days_after_an_end_that_comes_meanwhile():
    plans = [agree(factories.create_barber()) for _ in range(6)]
    acts = [
        lambda plan=plan: end_rent_plan(plan=plan, ends_on=JUNE, by=BY, now=NOW) for plan in plans
    ]

    at_once([*acts, lambda: accrue_rent(by=BY, now=NOW + 7 * DAY)])

    ended = RentPlan.objects.filter(ends_on=JUNE).values("pk")
    assert not Accrual.objects.filter(rent_plan_id__in=ended).exists()
    assert Accrual.objects.count() + len(ended) == len(plans)
