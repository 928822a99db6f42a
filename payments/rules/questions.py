"""When an unknown outcome is asked about, and what may be done to learn it. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta


def get_next_check(*, asked: int, schedule: Sequence[float], now: datetime) -> datetime:
    """When to ask again after `asked` questions; the last of the waits (seconds) repeats."""
    wait = schedule[min(asked, len(schedule) - 1)]
    return now + timedelta(seconds=wait)


def may_repeat(*, first_sent_at: datetime, window_seconds: float, now: datetime) -> bool:
    """Whether the processor still knows the key, so that the same call is the same charge."""
    return now < first_sent_at + timedelta(seconds=window_seconds)
