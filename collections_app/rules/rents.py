"""What rent is due for which days. Pure: days are the barber's own, intervals half-open.

Weeks are counted from the plan's first day, months are the calendar's, halves of a month end with
the 15th and with its last day. Rent falls due on the last day of each period. A period that the
plan covers in part costs its share by days.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from bookedbarber.foundation.money import Money

from ..states import RentFrequency

_DAY = timedelta(days=1)
_WEEKS = {RentFrequency.WEEKLY: 1, RentFrequency.BIWEEKLY: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class RentTerms:
    """`amount` is a whole period's; `ends_on` is the day after the last, None while it goes on."""

    amount: Money
    frequency: RentFrequency
    starts_on: date
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Rent:
    """What is due for the days from `start` to the one before `end`."""

    start: date
    end: date
    amount: Money

    @property
    def due_on(self) -> date:
        return self.end - _DAY


def list_rents(terms: RentTerms, *, since: date | None = None, until: date) -> list[Rent]:
    """What falls due up to and including `until`, of the days from `since` on, oldest first.

    `since` must be a day on which a period of the plan begins; without it all is listed.
    """
    return [rent for rent in _go_through(terms, since, until) if rent.amount]


def _go_through(terms: RentTerms, since: date | None, until: date) -> Iterator[Rent]:
    day = terms.starts_on if since is None else since
    while terms.ends_on is None or day < terms.ends_on:
        start, whole_end = _find_whole_period(terms, day)
        end = whole_end if terms.ends_on is None else min(whole_end, terms.ends_on)
        rent = Rent(day, end, _share(terms.amount, end - day, whole_end - start))
        if rent.due_on > until:
            return
        yield rent
        day = end


def _find_whole_period(terms: RentTerms, day: date) -> tuple[date, date]:
    if terms.frequency in _WEEKS:
        length = 7 * _WEEKS[terms.frequency]
        start = day - _DAY * ((day - terms.starts_on).days % length)
        return start, start + length * _DAY
    first = day.replace(day=1)
    following = (first + 31 * _DAY).replace(day=1)
    if terms.frequency == RentFrequency.MONTHLY:
        return first, following
    middle = first.replace(day=16)
    return (first, middle) if day < middle else (middle, following)


def _share(amount: Money, part: timedelta, whole: timedelta) -> Money:
    """By days, rounded half up."""
    minor = (2 * amount.amount_minor * part.days + whole.days) // (2 * whole.days)
    return Money(minor, amount.currency)
