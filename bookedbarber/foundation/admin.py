"""What the foundation records: acts, moves and remembered requests."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from .admin_base import ReadOnlyAdmin
from .admin_display import as_json, breakable, state
from .models import AuditEntry, IdempotencyKey, JobRun, StateChange


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "action", "subject", "by", "reason")
    search_fields = ("subject",)
    fields = ("at", "action", "subject", "by", "reason", "was", "became")

    @admin.display(description="before")
    def was(self, entry: AuditEntry) -> SafeString | str:
        return _as_json_or_dash(entry.before)

    @admin.display(description="after")
    def became(self, entry: AuditEntry) -> SafeString | str:
        return _as_json_or_dash(entry.after)


@admin.register(StateChange)
class StateChangeAdmin(ReadOnlyAdmin):
    list_display = ("at", "subject", "before", "after", "by", "reason")
    search_fields = ("subject",)
    fields = ("at", "subject", ("before", "after"), "by", "reason")


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "principal", "key", "subject", "status", "lease_until")
    search_fields = ("key", "principal", "subject")
    fields = (
        ("created_at", "lease_until"),
        ("principal", "key"),
        ("subject", "status"),
        "digest",
        "kept_answer",
    )

    @admin.display(description="fingerprint")
    def digest(self, row: IdempotencyKey) -> SafeString:
        return breakable(row.fingerprint)

    @admin.display(description="answer")
    def kept_answer(self, row: IdempotencyKey) -> SafeString | str:
        return _as_json_or_dash(row.answer)


class RunStateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in ("running", "failed", "completed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[JobRun]) -> QuerySet[JobRun]:
        match self.value():
            case "running":
                return queryset.filter(ended_at=None)
            case "failed":
                return queryset.filter(ended_at__isnull=False).exclude(error="")
            case "completed":
                return queryset.filter(ended_at__isnull=False, error="")
        return queryset


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    list_display = ("job", "slot", state, "started_at", "ended_at", "tries")
    list_filter = (RunStateFilter,)
    search_fields = ("job",)
    search_help_text = "The exact name of a job"
    fields = (
        ("job", "slot"),
        (state, "tries"),
        ("started_at", "ended_at"),
        "lease_until",
        "shown_figures",
        "error",
    )

    @admin.display(description="figures")
    def shown_figures(self, run: JobRun) -> SafeString | str:
        return _as_json_or_dash(run.figures or None)


def _as_json_or_dash(value: Any) -> SafeString | str:
    return "–" if value is None else as_json(value)
