"""Which operation answers which processor event, as `urls.py` does for requests."""

from collections.abc import Callable

event_routes: dict[str, Callable[..., object]] = {}
