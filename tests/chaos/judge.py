"""All that is held against a run: the findings of every kind."""

from collections.abc import Iterator, Sequence
from itertools import chain

from tests.chaos.answers import Answers
from tests.chaos.evidence import Row, gather
from tests.chaos.findings import Finding, Index
from tests.chaos.findings_answers import find_in_answers
from tests.chaos.findings_books import find_in_books
from tests.chaos.findings_charges import find_in_charges
from tests.chaos.findings_events import find_in_events
from tests.chaos.findings_holds import find_in_holds
from tests.chaos.findings_movements import find_in_movements
from tests.chaos.findings_refunds import find_in_refunds
from tests.chaos.findings_splits import find_in_splits
from tests.chaos.plan import Plan
from tests.chaos.refunding import RefundAnswer
from tests.chaos.world import World


def judge(
    world: World, plan: Plan, answers: Answers, refund_answers: Sequence[RefundAnswer]
) -> list[Finding]:
    """Compare everything, from outside. Only while nothing is under way."""
    index = Index(gather(world))
    return list(
        chain(
            find_in_charges(index, world.repeat_window_seconds),
            find_in_holds(index),
            find_in_splits(index, world.people),
            find_in_books(index, world.people),
            find_in_movements(index),
            find_in_refunds(index, refund_answers),
            find_in_events(index),
            find_in_answers(index, answers, plan),
            _verify_books(world),
            _find_no_takings(index),
        )
    )


def find_late(still_open: tuple[Row, ...]) -> Iterator[Finding]:
    """What was not settled when time was up."""
    for leg in still_open:
        what = f"{leg['public_id']} is still {leg['state']}"
        yield Finding("all is settled in time", what)


def _verify_books(world: World) -> Iterator[Finding]:
    printed = world.run("python manage.py verify_books", may_fail=True)
    wrong = [line.strip() for line in printed.splitlines() if line.startswith("WRONG")]
    if "Nothing found" not in printed and not wrong:
        wrong = [printed[-300:]]
    for line in wrong:
        yield Finding("verify_books finds nothing", line)


def _find_no_takings(index: Index) -> Iterator[Finding]:
    if not any(row["state"] == "captured" for row in index.evidence.legs):
        yield Finding("the product takes payments", "not one was completed")
