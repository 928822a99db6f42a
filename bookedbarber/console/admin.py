"""The timetable and the runs of its jobs."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.decorators import action

from bookedbarber.foundation.admin_actions import get_actor, run_on_each
from bookedbarber.foundation.admin_base import EditableAdmin
from bookedbarber.foundation.admin_display import Table, list_history, moment
from bookedbarber.foundation.models import JobRun

from .models import TimetableEntry
from .operations.timetable import start_now

MOST_RUNS = 50


@admin.register(TimetableEntry)
class TimetableEntryAdmin(EditableAdmin):
    """The code names the jobs; when they start, and whether, is edited here."""

    list_display = ("name", "job", "every_seconds", "times", "has_slots", "is_enabled", "last_slot")
    search_fields = ("name", "job")
    fields = (
        ("name", "job"),
        ("every_seconds", "times"),
        ("is_enabled", "has_slots"),
        "last_slot",
    )
    readonly_fields = ("name", "job", "has_slots", "last_slot")
    actions = ("start_selected",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_start_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("console.change_timetableentry")

    def list_tables(self, row: Any) -> list[Table]:
        runs = JobRun.objects.filter(job=row.job).order_by("-slot")[:MOST_RUNS]
        return [
            Table(
                "Runs",
                ["Due", "State", "Started", "Ended", "Figures", "Error"],
                [
                    [
                        moment(run.slot),
                        run.state,
                        moment(run.started_at),
                        moment(run.ended_at),
                        ", ".join(f"{name}: {value}" for name, value in run.figures.items()),
                        run.error,
                    ]
                    for run in runs
                ],
            ),
            list_history([f"timetableentry:{row.pk}"]),
        ]

    @action(description="Start now", permissions=["start"])
    def start_selected(self, request: HttpRequest, entries: QuerySet[TimetableEntry]) -> None:
        def start(entry: TimetableEntry) -> None:
            by = get_actor(request)
            start_now(entry=entry, by=by, now=timezone.now())

        run_on_each(request, entries, start)
