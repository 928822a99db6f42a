"""Limits by the hour and by user, counted in Redis; without Redis nobody is held back."""

import threading
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import caches
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

WINDOW_SECONDS = 3600
LARGEST_BLOCK = 50
MOST_BLOCKS = 1000


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of an hour's limit is used, this request included."""

    limit: int
    used: int
    reset_at: int

    @property
    def is_exceeded(self) -> bool:
        return self.used > self.limit

    @property
    def seconds_left(self) -> float:
        return max(1.0, self.reset_at - time.time())


class Blocks:
    """Counts in Redis by the block, so that most requests of a process need no round trip.

    What is left of a block when its process ends, or its hour, counts as used.
    """

    def __init__(self) -> None:
        self._held: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def take(self, key: str, size: int) -> int:
        """The number of this request among all that were counted under the key."""
        with self._lock:
            number, end = self._held.get(key, (0, 0))
            if number < end:
                self._held[key] = (number + 1, end)
                return number + 1
        cache: Any = caches["default"]
        end = int(cache.count(key, timeout=WINDOW_SECONDS, amount=size))
        with self._lock:
            if len(self._held) >= MOST_BLOCKS:
                self._held.clear()
            self._held[key] = (end - size + 1, end)
        return end - size + 1

    def forget(self) -> None:
        self._held.clear()


blocks = Blocks()


def count_request(request: Any, scope: str, principal: str, *, by_blocks: bool = False) -> Usage:
    """Count a request in its fixed hour, and leave it what the middleware below writes.

    `by_blocks`: quickly, to within half a percent of the limit for each process.
    """
    limit = settings.THROTTLE_LIMITS[scope]
    window = int(time.time()) // WINDOW_SECONDS
    size = max(1, min(limit // 200, LARGEST_BLOCK)) if by_blocks else 1
    used = blocks.take(f"throttle:{scope}:{principal}:{window}", size)
    usage = Usage(limit, used, (window + 1) * WINDOW_SECONDS)
    request.rate_limit = (limit, max(0, limit - used), usage.reset_at)
    return usage


class HourlyThrottle(BaseThrottle):
    """Counts requests of the view's `throttle_scope` in fixed hours."""

    def __init__(self) -> None:
        self._usage: Usage | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        scope: str = view.throttle_scope  # type: ignore[attr-defined]
        self._usage = count_request(request._request, scope, _get_principal(request))
        return not self._usage.is_exceeded

    def wait(self) -> float:
        return self._usage.seconds_left if self._usage else 1.0


class RateLimitHeadersMiddleware:
    """Writes `X-RateLimit-*` on answers of throttled routes."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        response = self.get_response(request)
        if counted := getattr(request, "rate_limit", None):
            limit, remaining, reset_at = counted
            response["X-RateLimit-Limit"] = str(limit)
            response["X-RateLimit-Remaining"] = str(remaining)
            response["X-RateLimit-Reset"] = str(reset_at)
        return response


def _get_principal(request: Request) -> str:
    user: Any = request.user
    if user is None:
        return str(request.META.get("REMOTE_ADDR", ""))
    return str(user.public_id)
