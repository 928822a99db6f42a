"""The processes that work, each in its role: killed by pid while they work, and started again."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos.collecting.files import get, put
from tests.chaos.collecting.plan import CREW
from tests.chaos.collecting.weeks import PHASES, Moment
from tests.chaos.processes import kill
from tests.chaos.waiting import pause, wait_for, wait_until
from tests.chaos.world import World

# About what a pass of each takes: a kill falls anywhere in it.
_LATEST_KILL_SECONDS = {
    "builder": 0.3,
    "processor": 0.8,
    "loader": 0.8,
    "asker": 0.2,
    "reader": 0.4,
}
_CAUGHT_SECONDS = 20.0
_NOTHING_YET = {"round": -1, "is_busy": False, "done": None}


@dataclass(slots=True)
class Crew:
    """`folder` is where the workers read the clock and write how far they are."""

    world: World
    folder: Path
    dice: random.Random
    killed: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    _pids: dict[str, int] = field(default_factory=dict)
    _nursery: "subprocess.Popen[str] | None" = None

    def start(self) -> None:
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.collecting.nursery", str(self.folder)],
            cwd=self.world.source,
            env=self.world.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for role, many in CREW.items():
            for number in range(many):
                self._start(f"{role}-{number}")

    def stop(self) -> None:
        for pid in self._pids.values():
            _bury(pid)
        if self._nursery is not None:
            self._nursery.kill()
            self._nursery.wait()

    def revive(self) -> None:
        """Start again whoever ended by himself, which nobody should."""
        for name, pid in list(self._pids.items()):
            if not _is_alive(pid):
                self.ended[name.partition("-")[0]] += 1
                self._start(name)

    def kill_one(self, role: str) -> bool:
        """Kill one of a role in the middle of a pass; False where none was caught in one."""
        names = [name for name in self._pids if name.startswith(f"{role}-")]
        deadline = time.monotonic() + _CAUGHT_SECONDS
        while time.monotonic() < deadline:
            busy = wait_for(lambda: [name for name in names if self._is_busy(name)], seconds=1)
            if not busy:
                continue
            name = self.dice.choice(busy)
            pause(self.dice.uniform(0, _LATEST_KILL_SECONDS[role]))
            _bury(self._pids[name])
            # Its last word is from before: it died at work.
            has_hit = self._is_busy(name)
            self._start(name)
            if has_hit:
                self.killed[role] += 1
                return True
        self.missed[role] += 1
        return False

    def list_working(self, moment: Moment) -> list[str]:
        """Who works in this phase and has not found that nothing is left to do."""
        self.revive()
        return [
            name
            for name in self._pids
            if name.partition("-")[0] in PHASES[moment.phase]
            and not self._has_nothing_left(name, moment)
        ]

    def list_errors(self) -> list[tuple[str, str]]:
        """Who complained, and of what."""
        return [
            (path.stem, line.strip())
            for path in sorted(self.folder.glob("*.errors"))
            for line in path.read_text(encoding="utf-8").splitlines()
        ]

    def _start(self, name: str) -> None:
        nursery = self._nursery
        if nursery is None or nursery.stdin is None or nursery.stdout is None:
            raise RuntimeError("There is no nursery")
        put(self.folder / f"{name}.status", _NOTHING_YET)
        print(name, file=nursery.stdin, flush=True)
        self._pids[name] = int(nursery.stdout.readline())

    def _is_busy(self, name: str) -> bool:
        said = self._read(name)
        return bool(said and said["is_busy"])

    def _has_nothing_left(self, name: str, moment: Moment) -> bool:
        said = self._read(name)
        return bool(said and said["round"] == moment.round and said["done"] == 0)

    def _read(self, name: str) -> dict[str, Any] | None:
        said: dict[str, Any] | None = get(self.folder / f"{name}.status")
        return said


def _bury(pid: int) -> None:
    kill(pid)
    wait_until(lambda: not _is_alive(pid), f"the end of {pid}")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
