"""After the faults: waits until no outcome is open, with the payers' last words; all is read."""

import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass

from tests.chaos.clients import PayersSoftware
from tests.chaos.evidence import Row, list_open_events, list_open_legs
from tests.chaos.plan import Plan
from tests.chaos.waiting import pause
from tests.chaos.world import World

QUIET_SECONDS = 120.0
_PAUSE_SECONDS = 0.3
_EVENTS_PAUSE_SECONDS = 1.0
_SOON_SECONDS = 40.0


@dataclass(frozen=True, slots=True)
class Quiet:
    """How long it took, and which legs were still open when time was up."""

    seconds: float
    still_open: tuple[Row, ...]


def wait_for_quiet(
    world: World,
    software: PayersSoftware,
    plan: Plan,
    *,
    seconds: float = QUIET_SECONDS,
    but: Collection[str] = (),
    tell: Callable[[str], None],
) -> Quiet:
    """Wait for the product to settle everything by itself.

    Payers whose bank is still asking answer now: every other one agrees. `but`: legs that need
    not be settled yet, and payments of which nothing need. `tell` hears what is waited for.
    """
    started = time.monotonic()
    answered: set[str] = set()
    while True:
        world.revive()
        open_legs = _leave_out(list_open_legs(world), but)
        waited = time.monotonic() - started
        late = world.simulator.describe_faults()["late_calls"]
        tell(_describe(open_legs, late))
        if not open_legs and not late:
            return Quiet(waited, ())
        if waited > seconds:
            return Quiet(waited, tuple(open_legs))
        for leg in open_legs:
            if leg["state"] == "requires_action" and leg["public_id"] not in answered:
                answered.add(leg["public_id"])
                _answer_bank(world, software, plan, leg)
        pause(_PAUSE_SECONDS)


def wait_for_events(world: World, *, seconds: float, tell: Callable[[str], None]) -> None:
    """Wait until every event that is on its way has come and is dealt with, or time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        world.revive()
        on_their_way = _count_on_their_way(world)
        waiting = Counter(row["state"] for row in list_open_events(world))
        said = [f"{count} {state}" for state, count in sorted(waiting.items())]
        tell(", ".join([*said, f"{on_their_way} events on their way"]))
        if not waiting and not on_their_way:
            return
        pause(_EVENTS_PAUSE_SECONDS)


def _count_on_their_way(world: World) -> int:
    """Those that will be tried soon; the rest come minutes later, and say nothing new."""
    soon = time.time() + _SOON_SECONDS
    return sum(
        row["state"] in {"pending", "sending"} and row["next_attempt_at"] < soon
        for row in world.simulator.list_deliveries()
    )


def read_lists(world: World, *, seconds: float) -> str:
    """Read all accounts' lists to their ends; returns why that was not possible, "" if it was."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            world.run("python manage.py sync_transactions")
        except RuntimeError as error:
            if time.monotonic() > deadline:
                return str(error)
            # Another sync may be at it.
            pause(_EVENTS_PAUSE_SECONDS)
        else:
            return ""


def _leave_out(open_legs: list[Row], but: Collection[str]) -> list[Row]:
    """These, and what is held for the other part of their sales."""
    waiting = {leg["payment"] for leg in open_legs if leg["public_id"] in but}
    return [
        leg
        for leg in open_legs
        if leg["public_id"] not in but
        and leg["payment"] not in but
        and not (leg["state"] == "authorized" and leg["payment"] in waiting)
    ]


def _describe(open_legs: list[Row], late_calls: int) -> str:
    states = Counter(leg["state"] for leg in open_legs)
    said = [f"{count} {state}" for state, count in sorted(states.items())]
    if open_legs:
        said.append(f"the oldest {open_legs[0]['public_id']}")
    return ", ".join([*said, f"{late_calls} late calls"])


def _answer_bank(world: World, software: PayersSoftware, plan: Plan, leg: Row) -> None:
    planned = plan.payments[int(leg["planned"]) - 1]
    world.simulator.authenticate(leg["external_id"], succeeds=planned.number % 2 == 0)
    software.confirm(planned, leg["payment"])
