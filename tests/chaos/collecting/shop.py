"""A throw-away home for the crew: servers, the simulator, an empty database, then its people."""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from bookedbarber.embedded import services
from bookedbarber.embedded.places import elsewhere
from tests.chaos.barbers import PLATFORM_ACCOUNT, PLATFORM_SECRET
from tests.chaos.collecting.files import PEOPLE, PLAN, put
from tests.chaos.collecting.plan import CREW, CURRENCIES, Plan
from tests.chaos.waiting import wait_until
from tests.chaos.world import World

# Everything that waits in earnest waits less; days pass on the clock that the crew shares.
_SETTINGS = {
    "PROCESSOR_TIMEOUT_SECONDS": "3",
    "PROCESSOR_RETRY_SECONDS": "0.05",
    "QUESTION_SCHEDULE_SECONDS": "0.2,0.5,1,1",
    "QUESTION_BUDGET_SECONDS": "4",
    "COLLECTION_LEASE_SECONDS": "8",
    "PROBE_SECONDS": "0.3",
    "BREAKER_OPEN_SECONDS": "0.5",
    "SYNC_OVERLAP_SECONDS": "600",
    "DEBUG": "false",
}
_LONGEST_SECONDS = 900.0


@contextmanager
def open_shop(source: Path, *, keep: bool) -> Iterator[World]:
    home = Path(tempfile.mkdtemp(prefix="bookedbarber-collections-")).resolve()
    home.chmod(0o755)  # PostgreSQL's own user must get in when we are root
    try:
        with ExitStack() as stack:
            stack.enter_context(services(home))
            world = World(source, home)
            world.environment |= _SETTINGS
            # Whatever a processor forgets after a day, it forgets on its own clock.
            world.environment.pop("STRIPE_REPEAT_WINDOW_SECONDS", None)
            stack.callback(world.stop)
            world._start_process("simulator")
            world.run("python manage.py migrate --no-input --verbosity 0", seconds=_LONGEST_SECONDS)
            wait_until(world.simulator.is_up, "the simulator")
            world.simulator.put_account(
                "stripe", PLATFORM_ACCOUNT, secret=PLATFORM_SECRET, name="Platform",
                currencies=list(CURRENCIES), default_currency="USD",
            )  # fmt: skip
            yield world
    finally:
        if keep:
            print(f"Kept: {home}", file=sys.stderr)
        else:
            shutil.rmtree(elsewhere(home), ignore_errors=True)
            shutil.rmtree(home, ignore_errors=True)


def people(world: World, plan: Plan, first: datetime, folder: Path) -> dict[int, int]:
    """Make the plan's barbers, and write down for the crew who is who; barbers by number."""
    described = asdict(plan)
    populate = 'PROCESSOR_TIMEOUT_SECONDS=60 python -m tests.chaos.collecting.populate "$1" "$2" $3'
    address = f"http://127.0.0.1:{world.environment['SIMULATOR_PORT']}"
    arguments = json.dumps(described), first.isoformat(), address
    printed = world.run(populate, *arguments, seconds=_LONGEST_SECONDS)
    made: dict[str, Any] = json.loads(printed.splitlines()[-1])
    put(folder / PEOPLE, made)
    put(folder / PLAN, described | {"first": first.isoformat(), "loaders": CREW["loader"]})
    return {int(number): barber for number, (barber, _) in made.items()}
