"""Which days a collection is for. Pure: days are the barber's own, intervals half-open."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from payments.states import CollectionFrequency

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the day after the last one."""

    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a barber's collections are built.

    `day` begins a period: of the week from 1 (Monday) to 7, of the month its last where it has
    fewer days; days have no choice. `buffer_days` lie between a period's end and its collection.
    """

    frequency: CollectionFrequency
    day: int
    buffer_days: int
    zone: ZoneInfo


def find_period(schedule: Schedule, day: date) -> Period:
    """The period that a day is in."""
    match schedule.frequency:
        case CollectionFrequency.DAILY:
            return Period(day, day + _DAY)
        case CollectionFrequency.WEEKLY:
            start = day - _DAY * ((day.isoweekday() - schedule.day) % 7)
            return Period(start, start + 7 * _DAY)
    start = _get_begin(day.year, day.month, schedule.day)
    if day < start:
        return Period(_get_begin(*_get_month(day, -1), schedule.day), start)
    return Period(start, _get_begin(*_get_month(day, 1), schedule.day))


def find_closed_period(schedule: Schedule, *, now: datetime) -> Period:
    """The last period whose buffer is over, too."""
    today = now.astimezone(schedule.zone).date()
    period = find_period(schedule, today - schedule.buffer_days * _DAY)
    return find_period(schedule, period.start - _DAY)


def get_first_moment(day: date, zone: ZoneInfo) -> datetime:
    """When a local day begins, in UTC; later than midnight where the clock skips that."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def _get_begin(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def _get_month(day: date, step: int) -> tuple[int, int]:
    """The year and month that many months away."""
    months = day.year * 12 + day.month - 1 + step
    return months // 12, months % 12 + 1
