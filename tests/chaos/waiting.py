"""Waiting for conditions, with deadlines."""

import threading
import time
from collections.abc import Callable

READY_SECONDS = 90.0
_TICK_SECONDS = 0.05
_never = threading.Event()


def wait_until(
    condition: Callable[[], object], what: str, *, seconds: float = READY_SECONDS
) -> None:
    """
    :raises TimeoutError: it does not come true in time.
    """
    if not comes_true(condition, seconds=seconds):
        raise TimeoutError(f"{what} did not come within {seconds:g} s")


def comes_true(condition: Callable[[], object], *, seconds: float) -> bool:
    """Wait until it is true; False when it was not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        pause(_TICK_SECONDS)
    return True


def pause(seconds: float) -> None:
    _never.wait(seconds)
