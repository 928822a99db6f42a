"""After the faults: waits until no outcome is open, with the payers' last words."""

import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass

from tests.chaos.clients import PayersSoftware
from tests.chaos.evidence import Row, list_open_legs
from tests.chaos.plan import Plan
from tests.chaos.waiting import pause
from tests.chaos.world import World

QUIET_SECONDS = 120.0
_PAUSE_SECONDS = 0.3


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
    not be settled yet. `tell` hears what is waited for.
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


def _leave_out(open_legs: list[Row], but: Collection[str]) -> list[Row]:
    """These, and what is held for the other part of their sales."""
    waiting = {leg["payment"] for leg in open_legs if leg["public_id"] in but}
    return [
        leg
        for leg in open_legs
        if leg["public_id"] not in but
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
