"""The timetable in the database: filled from the code, followed by beat, edited by operators."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction

from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.jobs import enqueue_on_commit

from ..models import TimetableEntry
from ..timetable import TIMETABLE, Job, Sweep


@transaction.atomic
def seed_timetable(*, now: datetime, timetable: Sequence[Sweep | Job] = TIMETABLE) -> int:
    """Add entries that are missing, leave out those the code no longer has. Repeatable.

    What operators changed stays. A new entry is first due at its next time. Returns how many
    were added.
    """
    missing = [_build(entry, now) for entry in timetable]
    TimetableEntry.objects.exclude(name__in=[entry.name for entry in timetable]).delete()
    before = TimetableEntry.objects.count()
    TimetableEntry.objects.bulk_create(missing, ignore_conflicts=True)
    for entry in timetable:
        # A renamed task is the code's business, whatever its times are.
        TimetableEntry.objects.filter(name=entry.name).exclude(job=entry.job).update(
            job=entry.job, has_slots=isinstance(entry, Job)
        )
    return TimetableEntry.objects.count() - before


def start_due_jobs(
    *, now: datetime, send: Callable[[TimetableEntry, datetime], None]
) -> datetime | None:
    """Send each job that is due, note it, and return when the next sweep is; None for unknown.

    Sent first and noted afterwards: stopped in between, a job is sent twice, which its slot makes
    harmless, and never left out.
    """
    entries = list(TimetableEntry.objects.filter(is_enabled=True).order_by("pk"))
    for entry in entries:
        slot = entry.find_due_slot(now=now)
        if slot is not None:
            send(entry, slot)
            TimetableEntry.objects.filter(pk=entry.pk, last_slot__lt=slot).update(last_slot=slot)
    beats = [entry.find_next_beat(now=now) for entry in entries]
    return min((beat for beat in beats if beat is not None), default=None)


@transaction.atomic
def start_now(*, entry: TimetableEntry, by: str, now: datetime) -> None:
    """Start a job outside of its times, in a slot of its own."""
    record_audit(subject=f"timetableentry:{entry.pk}", action="timetableentry.started", by=by)
    enqueue_on_commit(entry.job, **({"slot": now.isoformat()} if entry.has_slots else {}))


def _build(entry: Sweep | Job, now: datetime) -> TimetableEntry:
    return TimetableEntry(
        name=entry.name,
        job=entry.job,
        every_seconds=entry.every_seconds if isinstance(entry, Sweep) else None,
        times=entry.times if isinstance(entry, Job) else "",
        has_slots=isinstance(entry, Job),
        last_slot=now,
    )
