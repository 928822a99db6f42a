"""The days of a collection: half-open periods that leave no day out, in the barber's own days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collections_app.rules.periods import (
    Period,
    Schedule,
    find_closed_period,
    find_period,
    get_first_moment,
)
from payments.states import CollectionFrequency as Frequency

UTC_ZONE = ZoneInfo("UTC")
# Havana skips midnight in spring, Lord Howe moves by half an hour, Auckland is a day ahead.
ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "America/New_York",
        "America/Havana",
        "Pacific/Auckland",
        "Australia/Lord_Howe",
    )
]
DAY = timedelta(days=1)
START = datetime(2020, 2, 1, tzinfo=UTC)

days = st.dates(date(2020, 1, 1), date(2035, 12, 31))


def every(
    frequency: Frequency, day: int = 1, *, buffer_days: int = 0, zone: str = "UTC"
) -> Schedule:
    return Schedule(frequency=frequency, day=day, buffer_days=buffer_days, zone=ZoneInfo(zone))


schedules = st.one_of(
    st.just(every(Frequency.DAILY)),
    st.integers(1, 7).map(lambda day: every(Frequency.WEEKLY, day)),
    st.integers(1, 31).map(lambda day: every(Frequency.MONTHLY, day)),
)


@pytest.mark.parametrize(
    ("schedule", "day", "period"),
    [
        (every(Frequency.DAILY), date(2026, 6, 3), (date(2026, 6, 3), date(2026, 6, 4))),
        (every(Frequency.WEEKLY, 1), date(2026, 6, 7), (date(2026, 6, 1), date(2026, 6, 8))),
        (every(Frequency.WEEKLY, 1), date(2026, 6, 8), (date(2026, 6, 8), date(2026, 6, 15))),
        (every(Frequency.WEEKLY, 7), date(2026, 6, 8), (date(2026, 6, 7), date(2026, 6, 14))),
        (every(Frequency.MONTHLY, 1), date(2026, 12, 31), (date(2026, 12, 1), date(2027, 1, 1))),
        (every(Frequency.MONTHLY, 15), date(2026, 1, 14), (date(2025, 12, 15), date(2026, 1, 15))),
        (every(Frequency.MONTHLY, 31), date(2028, 2, 29), (date(2028, 2, 29), date(2028, 3, 31))),
        (every(Frequency.MONTHLY, 31), date(2026, 3, 30), (date(2026, 2, 28), date(2026, 3, 31))),
    ],
)
def test_a_day_is_in_one_period(schedule, day, period):
    assert find_period(schedule, day) == Period(*period)


@given(schedules, days)
def test_periods_follow_each_other_without_a_gap(schedule, day):
    period = find_period(schedule, day)

    assert period.start <= day < period.end
    assert find_period(schedule, period.end).start == period.end
    assert find_period(schedule, period.start) == period
    assert find_period(schedule, period.end - DAY) == period


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-06-18T03:59:59+00:00", date(2026, 6, 8)),
        # Midnight in New York, three days after Monday began.
        ("2026-06-18T04:00:00+00:00", date(2026, 6, 15)),
        ("2026-06-25T03:59:59+00:00", date(2026, 6, 15)),
    ],
)
def test_a_period_closes_when_its_buffer_is_over_where_the_barber_is(now, end):
    schedule = every(Frequency.WEEKLY, 1, buffer_days=3, zone="America/New_York")

    period = find_closed_period(schedule, now=datetime.fromisoformat(now))

    assert period == Period(end - 7 * DAY, end)


@given(
    schedules,
    st.integers(0, 31),
    st.sampled_from(ZONES),
    st.integers(0, 15 * 365 * 24 * 3600).map(lambda seconds: START + timedelta(seconds=seconds)),
)
def test_the_closed_period_is_the_last_one_whose_buffer_is_over(schedule, buffer_days, zone, now):
    schedule = Schedule(
        frequency=schedule.frequency, day=schedule.day, buffer_days=buffer_days, zone=zone
    )

    closed = find_closed_period(schedule, now=now)

    following = find_period(schedule, closed.end)
    assert get_first_moment(closed.end + buffer_days * DAY, zone) <= now
    assert get_first_moment(following.end + buffer_days * DAY, zone) > now


@given(days, st.sampled_from(ZONES))
def test_a_day_begins_once_and_where_the_one_before_ends(day, zone):
    begin = get_first_moment(day, zone)

    assert begin.astimezone(zone).date() == day
    assert (begin - timedelta(microseconds=1)).astimezone(zone).date() == day - DAY
