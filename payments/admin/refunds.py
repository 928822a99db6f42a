"""Refunds: one row for each leg that gives money back."""

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import Q

from bookedbarber.foundation.admin_base import ReadOnlyAdmin
from bookedbarber.foundation.admin_display import Table, list_history, money, state
from bookedbarber.foundation.admin_lists import CurrencyFilter

from ..models import Refund


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    list_display = (
        "public_id",
        "payment",
        money("amount_minor", "amount"),
        state,
        "reason",
        "is_foreign",
        "is_compensation",
        "created_at",
    )
    list_select_related = ("payment",)
    list_filter = ("state", "is_foreign", "is_compensation", CurrencyFilter)
    search_fields = ("public_id", "payment__public_id")
    search_help_text = "An exact id of the refund, its payment or the processor’s refund"
    fields = (
        ("public_id", state),
        ("payment", "leg"),
        "request",
        (money("amount_minor", "amount"), "external_id"),
        ("is_foreign", "is_compensation"),
        "reason",
        ("failure_kind", "failure_code"),
        "failure_message",
        ("created_by", "created_at"),
        ("next_check_at", "checks"),
    )

    def get_exact_conditions(self, term: str) -> Sequence[Q]:
        return [*super().get_exact_conditions(term), Q(external_id=term)]

    def list_tables(self, row: Refund) -> list[Table]:
        return [list_history([row.public_id])]
