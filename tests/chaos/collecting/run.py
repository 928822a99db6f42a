"""One run: weeks of sales, each loaded, built, announced, taken and tried again, then compared."""

import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.chaos.collecting.crew import Crew
from tests.chaos.collecting.findings import find_all
from tests.chaos.collecting.plan import Plan
from tests.chaos.collecting.report import CollectionsReport
from tests.chaos.collecting.rows import ask, open_database
from tests.chaos.collecting.shop import open_shop, people
from tests.chaos.collecting.statements import COUNTS, OPEN, UNDER_WAY
from tests.chaos.collecting.weeks import (
    BUILT,
    DUE,
    LOADED,
    PHASES,
    TRIED_AGAIN,
    Moment,
    begin_week,
    find_first_monday,
)
from tests.chaos.findings import Finding
from tests.chaos.waiting import wait_for
from tests.chaos.world import World

# A week's phase that is not over by then is stuck; for each barber it may take a second more.
_LONGEST_PHASE_SECONDS = 300.0
_RIDDLES = ("stored_error", "stored_error_after")
# After the last week: until the last retry was made and the last bank has said its last word,
# which it may a week after it paid.
_MOST_DAYS_AFTER, _DAYS_OF_QUIET = 60, 8
_DAY = timedelta(days=1)


class StuckError(RuntimeError):
    """A phase did not come to its end."""


def run_collections_chaos(plan: Plan, *, source: Path, keep: bool) -> CollectionsReport:
    report = CollectionsReport(plan=plan)
    with open_shop(source, keep=keep) as world:
        run = _Run(world, plan, report)
        with run.working():
            try:
                for week in range(plan.periods):
                    run.walk_through(week)
                run.finish()
            except StuckError as error:
                report.findings.append(Finding("all is settled in time", str(error)))
        run.compare()
    return report


class _Run:
    def __init__(self, world: World, plan: Plan, report: CollectionsReport) -> None:
        self._world, self._plan, self._report = world, plan, report
        self._first = find_first_monday(datetime.now(UTC))
        self._folder = world.home / "crew"
        self._folder.mkdir()
        self._crew = Crew(world, self._folder, random.Random(f"crew {plan.seed}"))
        self._round = 0
        self._began = time.monotonic()
        self._moment = self._set_clock("rest", -1, self._first - _DAY)
        self._barbers: dict[int, int] = {}
        self._riddles: dict[int, str] = {}

    @contextmanager
    def working(self) -> Iterator[None]:
        """With the crew at work, and faults on."""
        with self._timed("people"):
            self._barbers = people(self._world, self._plan, self._first, self._folder)
        try:
            self._crew.start()
            for rule in self._plan.list_faults():
                self._world.simulator.add_fault(rule)
            yield
        finally:
            self._crew.stop()

    def walk_through(self, week: int) -> None:
        kills = self._plan.list_kills(week)
        at = begin_week(self._first, week)
        self._do("load", week, at + LOADED, [role for role in kills if role == "loader"])
        self._do("build", week, at + BUILT, [role for role in kills if role == "builder"])
        takers = [role for role in kills if role in {"processor", "asker"}]
        for number, later in enumerate(TRIED_AGAIN):
            self._do("take", week, at + DUE + later, [] if number else takers)
        readers = [role for role in kills if role == "reader"]
        self._do("read", week, at + DUE + TRIED_AGAIN[-1], readers)

    def finish(self) -> None:
        """What came last is collected, then days pass until nothing is open; nothing goes wrong
        any more."""
        self._world.simulator.clear_faults()
        week = self._plan.periods
        at = begin_week(self._first, week)
        self._do("load", week, at + LOADED, [])
        self._do("build", week, at + BUILT, [])
        quiet = 0
        for day in range(_MOST_DAYS_AFTER):
            now = at + DUE + day * _DAY
            self._do("finish", week, now, [])
            self._do("read", week, now, [])
            quiet = 0 if self._count_open() else quiet + 1
            if quiet > _DAYS_OF_QUIET:
                return
        raise StuckError(f"{self._count_open()} are open after {_MOST_DAYS_AFTER} days")

    def compare(self) -> None:
        with self._timed("compare"):
            self._report.faults = Counter(hit["kind"] for hit in self._world.simulator.list_hits())
            self._report.killed, self._report.missed = self._crew.killed, self._crew.missed
            with open_database(self._world) as cursor:
                for row in ask(cursor, COUNTS):
                    counts = self._report.counts.setdefault(row["of"], Counter())
                    counts[row["state"]] += row["many"]
            self._report.findings += find_all(
                self._world, self._plan, self._crew, self._first, self._barbers
            )
        self._report.judge_what_happened()

    def _do(self, phase: str, week: int, now: datetime, kills: list[str]) -> None:
        """Let everybody work who does in this phase, until nothing is left to do."""
        with self._timed(phase):
            self._moment = self._set_clock(phase, week, now)
            self._tell(f"{now:%d %b %H:%M}")
            for role in kills:
                self._crew.kill_one(role)
            if not wait_for(self._is_over, seconds=_LONGEST_PHASE_SECONDS + self._plan.barbers):
                working = self._crew.list_working(self._moment)
                what = ", ".join([*working, *self._list_under_way()])
                raise StuckError(f"{phase} of week {week} after {now}: {what}")

    def _is_over(self) -> bool:
        return not self._crew.list_working(self._moment) and not self._list_under_way()

    def _list_under_way(self) -> list[str]:
        if self._moment.phase not in {"take", "read", "finish"}:
            return []
        values = {
            "now": self._moment.now(),
            "is_taken": "processor" in PHASES[self._moment.phase],
            "riddles": [*self._riddles.values()],
        }
        with open_database(self._world) as cursor:
            rows = ask(cursor, UNDER_WAY, values)
        if rows:
            self._look_for_riddles()
        return [f"{row['many']} {row['what']}" for row in rows]

    def _look_for_riddles(self) -> None:
        """Attempts whose processor remembers an error of its own instead of an outcome."""
        for hit in self._world.simulator.list_hits():
            number = hit["request"]
            if hit["kind"] in _RIDDLES and number and number not in self._riddles:
                door = f"requests?limit=1&after={number - 1}"
                (request,) = self._world.simulator._send("GET", door, None).json()["requests"]
                self._riddles[number] = request["key"] or ""

    def _count_open(self) -> int:
        with open_database(self._world) as cursor:
            return int(ask(cursor, OPEN)[0]["many"])

    def _set_clock(self, phase: str, week: int, now: datetime) -> Moment:
        """First the processor's, then the crew's."""
        self._world.simulator._send("POST", "clock", {"now": now.isoformat()}).raise_for_status()
        self._round += 1
        moment = Moment(
            round=self._round,
            phase=phase,
            week=week,
            ahead_seconds=now.timestamp() - time.time(),
        )
        moment.write(self._folder)
        return moment

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        passed = time.monotonic() - began
        self._report.seconds[what] = self._report.seconds.get(what, 0) + passed

    def _tell(self, when: str) -> None:
        seconds = time.monotonic() - self._began
        moment = self._moment
        line = f"{seconds:4.0f} s  week {moment.week:2} {moment.phase:6}{when}"
        print(line, file=sys.stderr, flush=True)
