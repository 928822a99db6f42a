"""Total time limits, held in a context variable so that no layer in between can lift them."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_deadline: ContextVar[float | None] = ContextVar("processor_deadline", default=None)
_exchange: ContextVar["Exchange | None"] = ContextVar("processor_exchange", default=None)


class Exchange:
    """One request on its way: when it must be over, and whether a byte of it has left us."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.has_sent = False

    def get_seconds_left(self) -> float:
        """Return the seconds left, 0 or less when the time is up."""
        return self.deadline - time.monotonic()


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Give everything asked of processors inside the block `seconds` in total.

    Blocks nest; the earliest end counts.
    """
    end = time.monotonic() + seconds
    outer = _deadline.get()
    token = _deadline.set(end if outer is None else min(outer, end))
    try:
        yield
    finally:
        _deadline.reset(token)


def get_seconds_left() -> float:
    """Return the seconds left of the limit in force, 0 or less when it is over, endless without."""
    limit = _deadline.get()
    return math.inf if limit is None else limit - time.monotonic()


@contextmanager
def start_exchange(default_seconds: float) -> Iterator[Exchange]:
    """Begin one request under the limit in force, or under `default_seconds` of its own."""
    limit = _deadline.get()
    exchange = Exchange(time.monotonic() + default_seconds if limit is None else limit)
    token = _exchange.set(exchange)
    try:
        yield exchange
    finally:
        _exchange.reset(token)


def get_exchange() -> Exchange | None:
    """Return the request under way, None between requests."""
    return _exchange.get()


def cap(timeout: float | None) -> float | None:
    """Return the shorter of `timeout` and what is left, in seconds; 0 or less is: no time left."""
    exchange = _exchange.get()
    if exchange is None:
        return timeout
    left = exchange.get_seconds_left()
    return left if timeout is None else min(timeout, left)
