"""When a job is due, by five cron fields or every so many seconds."""

from datetime import UTC, datetime, timedelta

import pytest
from celery.schedules import crontab
from hypothesis import given, settings
from hypothesis import strategies as st

from bookedbarber.console.rules.schedules import (
    ScheduleNotUnderstood,
    find_last_beat,
    find_last_time,
    read_times,
)


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


NOON = datetime(2026, 6, 3, 12, 0, 30, tzinfo=UTC)  # a Wednesday


@pytest.mark.parametrize(
    ("times", "last"),
    [
        ("* * * * *", at(2026, 6, 3, 12, 0)),
        ("0 12 * * *", at(2026, 6, 3, 12, 0)),
        ("1 12 * * *", at(2026, 6, 2, 12, 1)),
        ("*/25 * * * *", at(2026, 6, 3, 12, 0)),
        ("5-50/15 11 * * *", at(2026, 6, 3, 11, 50)),
        ("0 2 * * 1", at(2026, 6, 1, 2, 0)),
        ("0 2 * * 0", at(2026, 5, 31, 2, 0)),
        ("0 2 * * 7", at(2026, 5, 31, 2, 0)),
        ("30 3 1 1,7 *", at(2026, 1, 1, 3, 30)),
        ("0 0 29 2 *", at(2024, 2, 29)),
    ],
)
def test_the_last_time_of_five_fields(times, last):
    assert find_last_time(read_times(times), now=NOON) == last


def test_a_day_that_never_comes_is_never_due():
    assert find_last_time(read_times("0 0 31 2 *"), now=NOON) is None


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ("0 2 * *", "five fields"),
        ("60 2 * * *", "minute: 60 is not from 0 to 59"),
        ("0 24 * * *", "hour"),
        ("0 0 0 * *", "day"),
        ("0 0 * 13 *", "month"),
        ("0 0 * * 8", "weekday"),
        ("*/0 * * * *", "a step of 0"),
        ("5-1 * * * *", "minute"),
        ("x * * * *", "minute: 'x' is not understood"),
        ("", "five fields"),
    ],
)
def test_what_is_no_schedule_is_named(times, said):
    with pytest.raises(ScheduleNotUnderstood, match=said):
        read_times(times)


moments = st.integers(0, 6 * 366 * 86_400).map(
    lambda left: at(2030, 1, 1) - timedelta(seconds=left)
)


@settings(max_examples=60, deadline=None)
@given(
    now=moments,
    minute=st.sampled_from(["*", "0", "17", "*/20", "1,59"]),
    hour=st.sampled_from(["*", "2", "23", "0-4"]),
    weekday=st.sampled_from(["*", "0", "1-5", "6"]),
)
def test_between_the_last_time_and_now_there_is_none_by_celerys_reckoning(
    now, minute, hour, weekday
):
    last = find_last_time(read_times(f"{minute} {hour} * * {weekday}"), now=now)

    theirs = crontab(minute=minute, hour=hour, day_of_week=weekday, nowfun=lambda: now)
    before = last - timedelta(minutes=1)
    assert last <= now
    assert before + theirs.remaining_delta(before)[1] == last
    following = theirs.remaining_delta(last)
    assert following[0] + following[1] > now


@given(now=moments, seconds=st.integers(1, 100_000))
def test_beats_are_the_same_for_all_who_ask(now, seconds):
    every = timedelta(seconds=seconds)

    last = find_last_beat(every, now=now)

    assert last <= now < last + every
    assert find_last_beat(every, now=last) == last
