"""Jobs as slots: (job, moment it was due) runs once, whoever and however many try.

The row is claimed by a lease that a thread keeps ahead while the work goes on. A process that
dies leaves a lease that ends, and then the same slot is taken up again, with the figures that the
earlier try had noted.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from logging import getLogger
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.db.models import F
from django.utils import timezone

from .jobs import enqueue_on_commit
from .models import JobRun
from .redaction import redact

log = getLogger("bookedbarber.jobs")

MOST_ERROR_CHARACTERS = 2000


class Run:
    """The slot under way, as its work sees it."""

    def __init__(self, row: JobRun) -> None:
        self._row = row

    @property
    def slot(self) -> datetime:
        return self._row.slot

    @property
    def figures(self) -> Mapping[str, Any]:
        """What was noted so far; of an earlier try too when that was lost."""
        figures: Mapping[str, Any] = self._row.figures
        return figures

    def note(self, **figures: Any) -> None:
        """Keep figures, so that they are seen while it runs and survive a crash. JSON values."""
        self._row.figures = {**self._row.figures, **figures}
        _find_ours(self._row).update(figures=self._row.figures)


Work = Callable[[Run], Mapping[str, Any] | None]


def run_job(*, job: str, slot: datetime, work: Work) -> JobRun | None:
    """Do the work of a slot, unless it was done or is being done: then None.

    The work returns its figures. What it raises ends the run as failed, with the reason, and is
    not raised here, so that the caller goes on with other jobs; the next slot tries again.
    """
    row = _claim(job, slot)
    if row is None:
        return None
    run = Run(row)
    error = ""
    try:
        with _kept_alive(row):
            run.note(**(work(run) or {}))
    except Exception as failure:
        log.exception("%s failed", row)
        error = _describe(failure)
        close_old_connections()  # what failed may be the connection itself
    _end(row, error)
    return row


def resume_lost_runs(*, now: datetime) -> int:
    """Wake workers for slots whose process died; give up those that die each time.

    Returns how many were found.
    """
    lost = list(JobRun.objects.lost(now=now).order_by("lease_until")[:100])
    for row in lost:
        if row.tries < settings.JOB_TRIES:
            enqueue_on_commit(row.job, slot=row.slot.isoformat())
        else:
            why = f"Its process died {row.tries} times"
            JobRun.objects.lost(now=now).filter(pk=row.pk).update(ended_at=now, error=why)
    return len(lost)


def forget_old_runs(*, before: datetime) -> int:
    """Delete runs that ended and were begun before `before`; returns how many."""
    old = JobRun.objects.filter(started_at__lt=before, ended_at__isnull=False)
    deleted, _ = old.delete()
    return deleted


def _claim(job: str, slot: datetime) -> JobRun | None:
    now = timezone.now()
    lease = now + timedelta(seconds=settings.JOB_LEASE_SECONDS)
    row, is_new = JobRun.objects.get_or_create(
        job=job, slot=slot, defaults={"started_at": now, "lease_until": lease}
    )
    if is_new:
        return row
    lost = JobRun.objects.lost(now=now).filter(pk=row.pk)
    if not lost.update(lease_until=lease, tries=F("tries") + 1):
        return None
    row.refresh_from_db()
    return row


@contextmanager
def _kept_alive(row: JobRun) -> Iterator[None]:
    is_over = threading.Event()
    keeper = threading.Thread(target=_keep_alive, args=(row, is_over), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        is_over.set()
        keeper.join()


def _keep_alive(row: JobRun, is_over: threading.Event) -> None:
    """Runs in a thread, on a database connection of its own."""
    seconds = settings.JOB_LEASE_SECONDS
    while not is_over.wait(seconds / 3):
        try:
            _find_ours(row).update(lease_until=timezone.now() + timedelta(seconds=seconds))
        except (DatabaseError, InterfaceError):
            log.warning("The lease of %s could not be renewed; trying again", row)
        finally:
            connection.close()


def _find_ours(row: JobRun) -> Any:
    """The row, unless somebody took the slot from us."""
    return JobRun.objects.filter(pk=row.pk, tries=row.tries, ended_at=None)


def _end(row: JobRun, error: str) -> None:
    ours = _find_ours(row)
    row.ended_at, row.error = max(timezone.now(), row.started_at), error
    if not ours.update(ended_at=row.ended_at, error=error):
        log.warning("%s was taken over before it ended", row)


def _describe(failure: Exception) -> str:
    return redact(f"{type(failure).__name__}: {failure}")[:MOST_ERROR_CHARACTERS]
