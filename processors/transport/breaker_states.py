"""What processes know together of one account's failures.

Kept in Django's cache; while that is away each process goes by what it has seen itself.
"""

import math
import time
from dataclasses import dataclass

from django.core.cache import cache
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from redis.exceptions import RedisError

_KEPT_SECONDS = 86_400
_local = LocMemCache("processor-breaker", {"OPTIONS": {"MAX_ENTRIES": 10_000}})


@dataclass(frozen=True, slots=True)
class Reading:
    """What was known at one moment; moments in seconds since 1970, 0 for none."""

    has_failed: bool
    is_tripped: bool
    open_until: float
    probe_until: float


class BreakerState:
    """One account's failures, its open period and its probe.

    Moments are values beside an expiry in whole seconds, because Redis is given no fractions.
    """

    def __init__(self, name: str) -> None:
        self._store: BaseCache = cache
        self._failures = f"{name}:failures"
        self._open = f"{name}:open"
        self._probe = f"{name}:probe"

    def read(self) -> Reading:
        """Read it; when the cache does not answer, this object goes on without."""
        try:
            return self._read()
        except RedisError:
            self._store = _local
            return self._read()

    def count_failure(self, count: int, window_seconds: float) -> bool:
        """Count one more and say whether the last `count` came within the window."""
        try:
            return self._count_failure(count, window_seconds)
        except RedisError:
            self._store = _local
            return self._count_failure(count, window_seconds)

    def open(self, seconds: float) -> None:
        self._store.set(self._open, time.time() + seconds, math.ceil(seconds) + _KEPT_SECONDS)
        self.drop_probe()

    def take_probe(self, seconds: float) -> bool:
        """Say whether we are the one whose call decides; for `seconds` nobody else is."""
        until = time.time() + seconds
        return self._store.add(self._probe, until, max(math.ceil(seconds), 1))

    def drop_probe(self) -> None:
        self._store.delete(self._probe)

    def forget(self) -> None:
        for key in (self._failures, self._open, self._probe):
            self._store.delete(key)

    def _read(self) -> Reading:
        found = self._store.get_many([self._failures, self._open, self._probe])
        return Reading(
            has_failed=self._failures in found or self._open in found,
            is_tripped=self._open in found,
            open_until=found.get(self._open, 0.0),
            probe_until=found.get(self._probe, 0.0),
        )

    def _count_failure(self, count: int, window_seconds: float) -> bool:
        now, number = time.time(), self._next_number()
        self._store.set(self._moment_key(number), now, math.ceil(window_seconds))
        first = self._store.get(self._moment_key(number - count + 1))
        return number >= count and first is not None and now - first <= window_seconds

    def _next_number(self) -> int:
        self._store.add(self._failures, 0, _KEPT_SECONDS)
        try:
            return self._store.incr(self._failures)
        except ValueError:  # an answer to somebody else made us forget in between
            return 1

    def _moment_key(self, number: int) -> str:
        return f"{self._failures}:{number}"
