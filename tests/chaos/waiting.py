"""Waiting for conditions, with deadlines."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

A = TypeVar("A")

READY_SECONDS = 90.0
_TICK_SECONDS = 0.05
_never = threading.Event()


def wait_until(condition: Callable[[], A], what: str, *, seconds: float = READY_SECONDS) -> A:
    """Return what the condition says once that is true.

    :raises TimeoutError: it is not in time.
    """
    found = wait_for(condition, seconds=seconds)
    if not found:
        raise TimeoutError(f"{what} did not come within {seconds:g} s")
    return found


def wait_for(condition: Callable[[], A], *, seconds: float) -> A:
    """Return what the condition says when it is true, or the last when time is up."""
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        pause(_TICK_SECONDS)
    return found


def pause(seconds: float) -> None:
    _never.wait(seconds)
