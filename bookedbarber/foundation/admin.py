"""What the foundation records: acts, moves and remembered requests."""

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString

from .admin_base import ReadOnlyAdmin
from .admin_display import as_json, breakable
from .models import AuditEntry, IdempotencyKey, StateChange


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


def _as_json_or_dash(value: Any) -> SafeString | str:
    return "–" if value is None else as_json(value)
