"""Attempts to take collections."""

from django.contrib import admin

from bookedbarber.foundation.admin_base import ReadOnlyAdmin
from bookedbarber.foundation.admin_display import Table, list_history, money, state

from ..models import CollectionAttempt


@admin.register(CollectionAttempt)
class CollectionAttemptAdmin(ReadOnlyAdmin):
    list_display = (
        "public_id",
        "collection",
        "method",
        money("amount_minor", "amount"),
        state,
        "failure_class",
        "created_at",
    )
    list_select_related = ("collection",)
    list_filter = ("state", "method", "failure_class")
    search_fields = ("public_id", "collection__public_id", "external_id")
    search_help_text = "An exact id of the attempt, the collection or the debit"
    fields = (
        ("public_id", state),
        ("collection", "number"),
        ("method", money("amount_minor", "amount")),
        ("mandate", "connection"),
        ("external_id", "reference"),
        ("created_at", "settled_at"),
        ("by", "reason"),
        ("lease_until", "next_check_at"),
        ("checks", "is_unanswered"),
        ("failure_class", "failure_code"),
        "failure_message",
    )

    def list_tables(self, row: CollectionAttempt) -> list[Table]:
        return [list_history([row.public_id])]
