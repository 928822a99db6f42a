"""Tasks and commands of jobs that run as slots."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from celery import Task, shared_task
from django.core.management.base import CommandError
from django.utils import timezone

from .job_runs import Work, run_job
from .models import JobRun


class SlotTask(Task[Any, Any]):
    """A task that takes the slot it is for."""

    has_slots = True


def slot_task(job: str) -> Callable[[Work], Any]:
    """Make the work a Celery task of this name that runs once in each slot.

    The timetable sends the slot; without one it is now, as by hand.
    """

    def decorate(work: Work) -> Any:
        @shared_task(name=job, base=SlotTask)
        def task(slot: str = "", **_later_arguments: object) -> bool:
            due = datetime.fromisoformat(slot) if slot else timezone.now()
            return run_job(job=job, slot=due, work=work) is not None

        return task

    return decorate


def run_by_hand(job: str, work: Work) -> JobRun:
    """What a command does: the work in a slot of its own, now.

    :raises CommandError: it failed.
    """
    row = run_job(job=job, slot=timezone.now(), work=work)
    if row is None:
        raise CommandError("Somebody started it at the same moment.")
    if row.error:
        raise CommandError(row.error)
    return row
