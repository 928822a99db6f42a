"""What does not hold: the product's rows against the processor's journal and the plan."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from tests.chaos.barbers import PLATFORM_ACCOUNT
from tests.chaos.collecting.crew import Crew
from tests.chaos.collecting.plan import MINIMUM_MINOR, Plan
from tests.chaos.collecting.rows import ask, load_journal, open_database
from tests.chaos.collecting.statements import CHECKS, SUMS
from tests.chaos.collecting.weeks import begin_week
from tests.chaos.findings import Finding
from tests.chaos.world import World

_MOST_OF_EACH = 10
_LONGEST_SECONDS = 900.0


def find_all(
    world: World, plan: Plan, crew: Crew, first: datetime, barbers: Mapping[int, int]
) -> list[Finding]:
    """Only while nobody works."""
    return [
        *_find_complaints(crew),
        *_find_in_rows(world, plan, first),
        *_find_in_sums(world, plan, barbers),
        *_verify_books(world),
    ]


def _find_complaints(crew: Crew) -> Iterator[Finding]:
    for name, words in crew.list_errors():
        yield Finding("nobody's work ends with an error", f"{name}: {words[-400:]}")
    for role, often in crew.ended.items():
        yield Finding("nobody's work ends with an error", f"{role} ended by itself {often} times")


def _find_in_rows(world: World, plan: Plan, first: datetime) -> Iterator[Finding]:
    values: dict[str, Any] = {
        "first": first.date(),
        "until": begin_week(first, plan.periods),
        "weeks": plan.periods,
        "minimum": MINIMUM_MINOR,
    }
    journal = [
        row for row in world.simulator.list_movements() if row["account_id"] == PLATFORM_ACCOUNT
    ]
    with open_database(world) as cursor:
        load_journal(cursor, journal)
        for check, statement in CHECKS.items():
            offending = ask(cursor, statement, values)
            yield from _tell(check, [str(next(iter(row.values()))) for row in offending])


def _find_in_sums(world: World, plan: Plan, barbers: Mapping[int, int]) -> Iterator[Finding]:
    """What was planned, each once, and its commission, by arithmetic that no row has a part in."""
    with open_database(world) as cursor:
        found = {row.pop("barber"): Counter(row) for row in ask(cursor, SUMS)}
    for number, expected in plan.sum_movements().items():
        have = found.get(barbers[number], Counter())
        if have != expected:
            what = f"barber {barbers[number]}: {dict(have)}, planned {dict(expected)}"
            yield Finding("all that was sold is here once, with its commission", what)


def _verify_books(world: World) -> Iterator[Finding]:
    printed = world.run("python manage.py verify_books", may_fail=True, seconds=_LONGEST_SECONDS)
    wrong = [line.strip() for line in printed.splitlines() if line.startswith("WRONG")]
    if "Nothing found" not in printed and not wrong:
        wrong = [printed[-300:]]
    yield from _tell("verify_books finds nothing", wrong)


def _tell(check: str, offending: list[str]) -> Iterator[Finding]:
    for what in offending[:_MOST_OF_EACH]:
        yield Finding(check, what)
    if len(offending) > _MOST_OF_EACH:
        yield Finding(check, f"and {len(offending) - _MOST_OF_EACH} more")
