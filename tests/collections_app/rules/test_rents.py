"""Rent for days: whole periods cost the whole amount, parts their share by the day, half up."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookedbarber.foundation.money import Money
from collections_app.rules.rents import RentTerms, list_rents
from collections_app.states import RentFrequency as Frequency

DAY = timedelta(days=1)
LATER = date(2030, 1, 1)


def rent(
    minor: int, frequency: Frequency, starts_on: date, ends_on: date | None = None
) -> RentTerms:
    return RentTerms(
        amount=Money(minor, "USD"), frequency=frequency, starts_on=starts_on, ends_on=ends_on
    )


def list_minor(terms: RentTerms, until: date = LATER) -> list[int]:
    return [each.amount.amount_minor for each in list_rents(terms, until=until)]


@pytest.mark.parametrize(
    ("terms", "amounts"),
    [
        # Ten days at 150.00 a week: 214.29.
        (rent(150_00, Frequency.WEEKLY, date(2026, 6, 3), date(2026, 6, 13)), [150_00, 64_29]),
        (rent(150_00, Frequency.BIWEEKLY, date(2026, 6, 3), date(2026, 6, 18)), [150_00, 10_71]),
        (
            rent(310_00, Frequency.MONTHLY, date(2026, 1, 10), date(2026, 3, 15)),
            [220_00, 310_00, 140_00],
        ),
        (
            rent(300_00, Frequency.TWICE_MONTHLY, date(2026, 2, 1), date(2026, 3, 11)),
            [300_00, 300_00, 200_00],
        ),
        (rent(7, Frequency.WEEKLY, date(2026, 6, 3), date(2026, 6, 3)), []),
        # Half a cent is one.
        (rent(1, Frequency.BIWEEKLY, date(2026, 6, 1), date(2026, 6, 8)), [1]),
    ],
)
def test_parts_of_a_period_cost_their_share(terms, amounts):
    assert list_minor(terms) == amounts


def test_halves_of_a_month_are_due_on_the_15th_and_on_the_last_day():
    terms = rent(100_00, Frequency.TWICE_MONTHLY, date(2028, 2, 1))

    due = [each.due_on for each in list_rents(terms, until=date(2028, 3, 31))]

    assert due == [date(2028, 2, 15), date(2028, 2, 29), date(2028, 3, 15), date(2028, 3, 31)]


def test_a_week_is_due_on_its_last_day_and_not_before():
    terms = rent(150_00, Frequency.WEEKLY, date(2026, 6, 3))

    assert list_minor(terms, until=date(2026, 6, 8)) == []
    assert list_minor(terms, until=date(2026, 6, 9)) == [150_00]


@given(
    st.integers(1, 10_000_00),
    st.sampled_from(Frequency),
    st.dates(date(2020, 1, 1), date(2028, 12, 31)),
    st.integers(0, 400),
    st.data(),
)
def test_a_plan_s_days_are_each_paid_for_once(minor, frequency, starts_on, length, data):
    ends_on = starts_on + length * DAY
    terms = rent(minor, frequency, starts_on, ends_on)

    rents = list_rents(terms, until=ends_on)

    days = [each.start + n * DAY for each in rents for n in range((each.end - each.start).days)]
    skipped = minor < 32  # a part may be worth nothing
    assert skipped or days == [starts_on + n * DAY for n in range(length)]
    assert all(0 < each.amount.amount_minor <= minor for each in rents)
    stop = data.draw(st.integers(0, len(rents)))
    rest = list_rents(terms, since=rents[stop].start, until=ends_on) if stop < len(rents) else []
    assert rents[:stop] + rest == rents


@given(
    st.integers(1, 10_000_00),
    st.sampled_from([Frequency.MONTHLY, Frequency.TWICE_MONTHLY]),
    st.dates(date(2020, 1, 1), date(2028, 12, 31)),
    st.integers(1, 12),
)
def test_a_period_that_two_plans_share_costs_the_whole_to_the_cent(minor, frequency, day, cut):
    whole = list_rents(rent(minor, frequency, day.replace(day=1)), until=LATER)[0]
    middle = whole.start + cut * DAY

    first = list_minor(rent(minor, frequency, whole.start, middle))
    second = list_minor(rent(minor, frequency, middle, whole.end))

    assert abs(sum(first) + sum(second) - minor) <= 1
