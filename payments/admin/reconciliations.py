"""Comparisons of accounts with our records."""

from django.contrib import admin
from unfold.decorators import display

from bookedbarber.foundation.admin_base import ReadOnlyAdmin
from bookedbarber.foundation.admin_display import STATE_COLORS, Table, link, moment
from processors.models import Connection

from ..models import Correction, ListedMovement, ReconciliationRun, VisitMatch
from ..queries.coverage import get_coverage

MOST_RUNS = 10


def tabulate_reconciliations(connection: Connection) -> Table:
    covered = get_coverage([connection]).get(connection.pk)
    said = f": {covered.sentence}" if covered else ""
    return Table(
        f"Reconciliations{said}",
        ["Run", "Since", "Until", "Status", "There", "Matched", "Differences", "Error"],
        [
            [
                link(run),
                moment(run.since),
                moment(run.until),
                run.status,
                run.there,
                run.matched,
                describe_found(run),
                run.error or "–",
            ]
            for run in connection.reconciliations.order_by("-pk")[:MOST_RUNS]
        ],
    )


def describe_found(run: ReconciliationRun) -> str:
    kinds = (f"{number} {kind.replace('_', ' ')}" for kind, number in run.found.items())
    return ", ".join(kinds) or "none"


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(ReadOnlyAdmin):
    list_display = (
        "public_id",
        "connection",
        "shown_status",
        "since",
        "until",
        "there",
        "matched",
        "opened",
        "resolved",
        "error",
    )
    list_select_related = ("connection",)
    list_filter = ("outcome",)
    search_fields = ("public_id", "connection__public_id")
    search_help_text = "An exact id of the run or the connection"
    fields = (
        ("public_id", "shown_status"),
        ("connection", "requested_by"),
        ("since", "until"),
        ("started_at", "ended_at"),
        ("here", "there"),
        ("matched", "unreadable_count"),
        ("sales_there", "sales_missing"),
        ("opened", "resolved"),
        "found",
        "error",
    )

    @display(description="status", label=STATE_COLORS)
    def shown_status(self, run: ReconciliationRun) -> str:
        return run.status


@admin.register(ListedMovement)
class ListedMovementAdmin(ReadOnlyAdmin):
    """What a run under way has read so far."""

    list_display = ("external_id", "kind", "run", "state", "amount_minor", "currency")
    list_select_related = ("run",)
    search_fields = ("external_id", "run__public_id")
    search_help_text = "An exact id of the object or the run"
    fields = (
        ("run", "kind"),
        ("external_id", "state"),
        ("amount_minor", "currency"),
        ("tip_minor", "fee_minor"),
        ("occurred_at", "is_mentioned"),
    )


@admin.register(Correction)
class CorrectionAdmin(ReadOnlyAdmin):
    list_display = ("id", "transaction", "state", "amount_minor", "currency", "made_by", "made_at")
    list_select_related = ("transaction",)
    search_fields = ("transaction__external_id", "discrepancy__public_id")
    search_help_text = "An exact id of the movement or the discrepancy"
    fields = (
        ("transaction", "discrepancy"),
        ("state", "currency"),
        ("amount_minor", "tip_minor"),
        "fee_minor",
        ("taken_back", "added"),
        ("made_by", "made_at"),
    )


@admin.register(VisitMatch)
class VisitMatchAdmin(ReadOnlyAdmin):
    list_display = ("id", "transaction", "appointment", "rule", "matched_by", "matched_at")
    list_select_related = ("transaction", "appointment")
    list_filter = ("rule",)
    search_fields = ("transaction__external_id",)
    search_help_text = "An exact id of the movement"
    fields = (("transaction", "appointment"), "rule", ("matched_by", "matched_at"))
