"""Limits by the hour and by user, counted in Redis; without Redis nobody is held back."""

import time
from typing import Any

from django.conf import settings
from django.core.cache import caches
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

WINDOW_SECONDS = 3600


class HourlyThrottle(BaseThrottle):
    """Counts requests of the view's `throttle_scope` in fixed hours.

    Leaves (limit, remaining, reset) on the request; the middleware below writes the headers.
    """

    def __init__(self) -> None:
        self._reset_at = 0

    def allow_request(self, request: Request, view: APIView) -> bool:
        scope: str = view.throttle_scope  # type: ignore[attr-defined]
        limit = settings.THROTTLE_LIMITS[scope]
        window = int(time.time()) // WINDOW_SECONDS
        self._reset_at = (window + 1) * WINDOW_SECONDS
        key = f"throttle:{scope}:{_get_principal(request)}:{window}"
        cache: Any = caches["default"]
        used = cache.count(key, timeout=WINDOW_SECONDS)
        remaining = max(0, limit - used)
        request._request.rate_limit = (limit, remaining, self._reset_at)  # type: ignore[attr-defined]
        return bool(used <= limit)

    def wait(self) -> float:
        return max(1.0, self._reset_at - time.time())


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
