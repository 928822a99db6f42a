"""Celery beat by the timetable in the database.

It keeps nothing of its own: each turn reads what is due, so that an edit counts at once and several
beats may run. While the database or the broker is away it waits and goes on.
"""

from datetime import datetime
from logging import getLogger
from typing import Any

from celery.beat import Scheduler
from django.db import Error, close_old_connections
from django.utils import timezone
from kombu.exceptions import OperationalError

from bookedbarber.console.models import TimetableEntry
from bookedbarber.console.operations.timetable import seed_timetable, start_due_jobs

log = getLogger("bookedbarber.beat")

# An edit of the timetable, or a job that goes by times, is seen within this.
MOST_SECONDS = 5.0
# Behind a sweep that works off a long queue, each of the others still has its turn.
SWEEP_WAITS_SECONDS = 60


class TimetableScheduler(Scheduler):
    """What `beat_scheduler` names."""

    def setup_schedule(self) -> None:
        self._is_seeded = False

    def tick(self, *_args: Any, **_kwargs: Any) -> float:
        """Send what is due; return after how many seconds to look again."""
        close_old_connections()
        now = timezone.now()
        try:
            self._seed(now)
            following = start_due_jobs(now=now, send=self._send_entry)
        except (Error, OperationalError) as error:
            log.warning("The timetable could not be followed; trying again: %s", error)
            return MOST_SECONDS
        left = MOST_SECONDS if following is None else (following - timezone.now()).total_seconds()
        return min(max(left, 0.0), MOST_SECONDS)

    def _seed(self, now: datetime) -> None:
        if not self._is_seeded:
            seed_timetable(now=now)
            self._is_seeded = True

    def _send_entry(self, entry: TimetableEntry, slot: datetime) -> None:
        """A sweep that waits too long is left out, a later one does the same; a slot waits."""
        waits = max(entry.every_seconds or 0, SWEEP_WAITS_SECONDS)
        expires = None if entry.has_slots else waits
        arguments = {"slot": slot.isoformat()} if entry.has_slots else {}
        self.send_task(entry.job, kwargs=arguments, expires=expires, producer=self.producer)
