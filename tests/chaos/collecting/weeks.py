"""The moments of a week, and the clock that all processes of a run share. Days are UTC."""

import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.chaos.collecting.files import get, put

_WEEK = timedelta(days=7)
# A day's buffer and each zone's midnight are over; the notice takes two days more.
LOADED, BUILT = timedelta(days=7, hours=12), timedelta(days=11)
DUE = BUILT + timedelta(days=2, minutes=1)
# Attempts that fail are made again after 1, 4 and 24 hours.
TRIED_AGAIN = (
    timedelta(0),
    timedelta(hours=1, minutes=5),
    timedelta(hours=5, minutes=10),
    timedelta(hours=29, minutes=20),
)
CLOCK = "clock.json"
# Which roles work in which phase.
PHASES: dict[str, frozenset[str]] = {
    "load": frozenset({"loader", "asker"}),
    "build": frozenset({"builder", "loader", "asker"}),
    "take": frozenset({"processor", "payer", "asker"}),
    "read": frozenset({"reader", "asker"}),
    "finish": frozenset({"processor", "asker"}),
    "rest": frozenset(),
}


def find_first_monday(now: datetime) -> datetime:
    """The next one: what is asked when the real clock is asked is then long over."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=7 - midnight.weekday())


def begin_week(first: datetime, week: int) -> datetime:
    return first + week * _WEEK


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What the clock says: how far it is ahead of the real one, and what is to be done now."""

    round: int
    phase: str
    week: int
    ahead_seconds: float

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time() + self.ahead_seconds, UTC)

    def write(self, folder: Path) -> None:
        put(folder / CLOCK, asdict(self))


def read_moment(folder: Path) -> Moment:
    return Moment(**get(folder / CLOCK))
