"""Waiting for a condition with a deadline, instead of sleeping."""

import subprocess
import threading
import time
from collections.abc import Callable

from django.db import connection

_TICK = threading.Event()


def wait_until(
    condition: Callable[[], object],
    *,
    seconds: float = 60,
    worker: subprocess.Popen[bytes] | None = None,
) -> None:
    """Return once `condition` is true.

    :raises AssertionError: it is not in time, or `worker` ended before.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        assert worker is None or worker.poll() is None, "the process ended before"
        _TICK.wait(0.02)


def is_somebody_waiting() -> bool:
    """Whether a session of this test's database waits for a lock."""
    with connection.cursor() as cursor:
        # Within a transaction the view shows for ever what it showed first.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0])
