"""When a job is due: every so many seconds, or at the times of five cron fields. Pure, in UTC."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# Minute, hour, day of the month, month, day of the week (0 and 7 are Sunday).
FIELDS = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day", 1, 31),
    ("month", 1, 12),
    ("weekday", 0, 7),
)
# The longest a time can be away: the 29th of February, over a century without one.
MOST_DAYS = 8 * 366

_PART = re.compile(r"(\*|\d{1,2}(?:-\d{1,2})?)(?:/(\d{1,2}))?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ScheduleNotUnderstood(ValueError):
    """It is no schedule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """The moments at which five cron fields all fit, as sets of numbers."""

    minute: frozenset[int]
    hour: frozenset[int]
    day: frozenset[int]
    month: frozenset[int]
    weekday: frozenset[int]


def read_times(text: str) -> Times:
    """Read "0 2 * * *" (at two each day). Day and weekday must both fit.

    :raises ScheduleNotUnderstood: names the field.
    """
    words = text.split()
    if len(words) != len(FIELDS):
        raise ScheduleNotUnderstood("five fields are needed: minute hour day month weekday")
    numbers = {
        name: _read_field(word, name, least, most)
        for word, (name, least, most) in zip(words, FIELDS, strict=True)
    }
    numbers["weekday"] = frozenset(number % 7 for number in numbers["weekday"])
    return Times(**numbers)


def find_last_time(times: Times, *, now: datetime) -> datetime | None:
    """The latest moment up to `now`, None where there is none in eight years."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for back in range(MOST_DAYS):
        day = today - timedelta(days=back)
        found = _find_in_day(times, day, now) if _fits(times, day) else None
        if found is not None:
            return found
    return None


def find_last_beat(every: timedelta, *, now: datetime) -> datetime:
    """The latest multiple of `every` since 1970, so that all who ask agree."""
    return now - (now - _EPOCH) % every


def _find_in_day(times: Times, day: datetime, now: datetime) -> datetime | None:
    moments = [
        day.replace(hour=hour, minute=minute) for hour in times.hour for minute in times.minute
    ]
    return max((moment for moment in moments if moment <= now), default=None)


def _fits(times: Times, day: datetime) -> bool:
    return (
        day.day in times.day and day.month in times.month and day.isoweekday() % 7 in times.weekday
    )


def _read_field(word: str, name: str, least: int, most: int) -> frozenset[int]:
    numbers: set[int] = set()
    for part in word.split(","):
        found = _PART.fullmatch(part)
        if found is None:
            raise ScheduleNotUnderstood(f"{name}: {part!r} is not understood")
        numbers.update(_read_range(found[1], name, least, most)[:: _read_step(found[2], name)])
    return frozenset(numbers)


def _read_range(word: str, name: str, least: int, most: int) -> range:
    if word == "*":
        return range(least, most + 1)
    first, _, last = word.partition("-")
    low, high = int(first), int(last or first)
    if not least <= low <= high <= most:
        raise ScheduleNotUnderstood(f"{name}: {word} is not from {least} to {most}")
    return range(low, high + 1)


def _read_step(word: str | None, name: str) -> int:
    if word is not None and int(word) == 0:
        raise ScheduleNotUnderstood(f"{name}: a step of 0")
    return int(word or 1)
