"""One instance per home: it holds a lock and leaves its ports beside it."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bookedbarber.launch.errors import LaunchError
from bookedbarber.launch.ports import Ports


def find_running(home: Path) -> Ports | None:
    """Return the ports of the instance that runs from this home; None when there is none."""
    path = _lock_path(home)
    if not path.exists():
        return None
    with path.open("r+", encoding="ascii") as lock:
        if _take(lock):
            return None
        text = lock.read()
    try:
        found = json.loads(text)
        return Ports(found["web"], found["simulator"])
    except (ValueError, KeyError):
        return None  # it holds the lock but has not written its ports yet


@contextmanager
def claim(home: Path, ports: Ports) -> Iterator[None]:
    """Be the instance of this home for the length of the block.

    :raises LaunchError: another one is.
    """
    home.mkdir(parents=True, exist_ok=True)
    with _lock_path(home).open("a+", encoding="ascii") as lock:
        if not _take(lock):
            raise LaunchError(
                f"BookedBarber already runs from {home}: stop it, or start a second one with "
                "another BOOKEDBARBER_HOME and PORT."
            )
        lock.truncate(0)
        lock.write(json.dumps({"web": ports.web, "simulator": ports.simulator}))
        lock.flush()
        yield


def _lock_path(home: Path) -> Path:
    return home / "instance.lock"


def _take(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
