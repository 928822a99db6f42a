"""Readings of accounts' lists, and how far each list has been read."""

from django import forms
from django.contrib import admin
from unfold.decorators import display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSplitDateTimeWidget, UnfoldBooleanSwitchWidget

from bookedbarber.foundation.admin_base import ReadOnlyAdmin
from bookedbarber.foundation.admin_display import STATE_COLORS, Table, link, moment
from processors.models import Connection

from ..models import SyncCursor, SyncRun

MOST_RUNS = 10


class SyncForm(BaseDialogForm):
    """What to read beside what has come in since the last time."""

    since = forms.SplitDateTimeField(
        required=False,
        label="Older history since (UTC)",
        help_text="What was sold before the account was connected bears no commission.",
        widget=UnfoldAdminSplitDateTimeWidget(),
    )
    force = forms.BooleanField(
        required=False, label="Read everything again", widget=UnfoldBooleanSwitchWidget
    )


def tabulate_syncs(connection: Connection) -> Table:
    runs = connection.sync_runs.order_by("-pk")[:MOST_RUNS]
    return Table(
        "Syncs",
        ["Run", "By", "Began", "Status", "Seen", "New", "Changed", "Unreadable", "Error"],
        [
            [
                link(run),
                run.requested_by,
                moment(run.started_at),
                run.status,
                run.seen,
                run.new,
                run.changed,
                run.unreadable_count,
                run.error or "–",
            ]
            for run in runs
        ],
    )


@admin.register(SyncRun)
class SyncRunAdmin(ReadOnlyAdmin):
    list_display = (
        "public_id",
        "connection",
        "shown_status",
        "started_at",
        "seen",
        "new",
        "changed",
        "unreadable_count",
        "error",
    )
    list_select_related = ("connection",)
    list_filter = ("outcome",)
    search_fields = ("public_id", "connection__public_id")
    search_help_text = "An exact id of the run or the connection"
    fields = (
        ("public_id", "shown_status"),
        ("connection", "requested_by"),
        ("requested_at", "since"),
        ("started_at", "ended_at"),
        ("is_forced", "is_thorough"),
        ("pages", "seen"),
        ("new", "changed"),
        ("unchanged", "unreadable_count"),
        "unreadable",
        "not_used",
        "continues",
        "error",
    )

    @display(description="status", label=STATE_COLORS)
    def shown_status(self, run: SyncRun) -> str:
        return run.status


@admin.register(SyncCursor)
class SyncCursorAdmin(ReadOnlyAdmin):
    list_display = ("connection", "list_name", "since", "started_at", "read_until")
    list_select_related = ("connection",)
    list_filter = ("list_name",)
    search_fields = ("connection__public_id",)
    search_help_text = "An exact id of the connection"
    fields = ("connection", "list_name", "since", "started_at", "read_until")
