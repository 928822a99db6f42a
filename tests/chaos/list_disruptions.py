"""What happens to events on their way, and to syncs: held and shuffled, two at once, killed."""

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.chaos.evidence import has_sync_under_way
from tests.chaos.plan import Plan
from tests.chaos.processes import kill
from tests.chaos.terminals import sell_and_return
from tests.chaos.waiting import pause, wait_for
from tests.chaos.world import World

_HELD_SECONDS = 3.0
_APART_SECONDS = 3.0
_COPIES = 2
_OF_REFUNDS = ["refund.created", "refund.updated", "charge.refund.updated", "refund.failed"]
_LONGEST_SYNC_SECONDS = 90.0
_MOST_TRIES = 4
# A sync of all accounts takes a second where nothing goes wrong, and ten under faults.
_LATEST_KILL_SECONDS = 1.5


def shuffle_events(world: World, plan: Plan, dice: random.Random) -> None:
    """Events of all accounts are held back, and then come in any order, each twice.

    Those of refunds come first, also of sales that nobody has heard of yet.
    """
    world.simulator.set_event_policy(plan.events | {"hold": True, "drop": 0.0})
    for processor in ("stripe", "square"):
        sell_and_return(world.simulator, processor)
    pause(_HELD_SECONDS)
    world.simulator.set_event_policy(plan.events)
    seed = dice.randrange(1_000_000)
    world.simulator.release_events(event_types=_OF_REFUNDS, order="shuffled", seed=seed)
    pause(_APART_SECONDS)
    world.simulator.release_events(order="shuffled", seed=seed, copies=_COPIES)


def sync_at_once(world: World, connection_id: int) -> None:
    """Two people read the same account's lists at the same time.

    :raises RuntimeError: one was killed.
    :raises TimeoutExpired: one goes on and on.
    """
    arguments = ["--connection", str(connection_id)]
    with _syncing(world, *arguments) as one, _syncing(world, *arguments) as other:
        statuses = [each.wait(_LONGEST_SYNC_SECONDS) for each in (one, other)]
    if any(status < 0 for status in statuses):
        raise RuntimeError(f"two syncs at once ended with {statuses}")


def kill_sync(world: World, dice: random.Random) -> None:
    """All accounts are read, and the process is killed while it is at it.

    :raises RuntimeError: it always ended before.
    """
    for _ in range(_MOST_TRIES):
        with _syncing(world) as process:
            begun = wait_for(
                lambda: process.poll() is not None or has_sync_under_way(world),
                seconds=_LONGEST_SYNC_SECONDS,
            )
            if begun:
                pause(dice.uniform(0, _LATEST_KILL_SECONDS))
            if process.poll() is None:
                kill(process.pid)
                return
    raise RuntimeError("every sync ended before it was killed")


@contextmanager
def _syncing(world: World, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sync_transactions", *arguments],
        cwd=world.source,
        env=world.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        kill(process.pid)
        process.wait()
