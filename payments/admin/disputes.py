"""Payments that payers' banks question."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from bookedbarber.foundation.admin_base import ReadOnlyAdmin
from bookedbarber.foundation.admin_display import Table, list_history, money, state
from bookedbarber.foundation.admin_lists import CurrencyFilter, choice_filter
from bookedbarber.foundation.money import Money
from processors.models import Connection
from processors.registry import ADAPTERS

from ..models import Dispute, ExternalTransaction
from ..states import OPEN_DISPUTE_STATES
from .payout_tables import tabulate_dispute_movements
from .transactions import is_movement

_SOON = {"2": timedelta(days=2), "7": timedelta(days=7)}


class DeadlineFilter(admin.SimpleListFilter):
    """Disputes that somebody must still answer, by when."""

    title = "deadline"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("over", "over"), ("2", "within 2 days"), ("7", "within 7 days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value, now = self.value(), timezone.now()
        is_open = Q(state__in=sorted(OPEN_DISPUTE_STATES))
        if value == "over":
            return queryset.filter(is_open, due_by__lt=now)
        if value in _SOON:
            return queryset.filter(is_open, due_by__gte=now, due_by__lt=now + _SOON[value])
        return queryset


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    list_display = (
        "public_id",
        "barber",
        "connection",
        money("amount_minor", "disputed"),
        money("withdrawn_minor", "taken"),
        state,
        "reason",
        "due_by",
        "opened_at",
    )
    list_select_related = ("barber", "connection")
    list_filter = (
        DeadlineFilter,
        "state",
        CurrencyFilter,
        choice_filter("processor", "processor", lambda: sorted(ADAPTERS), "connection__processor"),
    )
    search_fields = ("public_id", "payment__public_id")
    search_help_text = "An exact id of the dispute, the charge or our payment"
    fields = (
        ("public_id", state),
        ("barber", "payment"),
        ("connection", "external_id"),
        ("charge", "charge_external_id"),
        (money("amount_minor", "disputed"), "taken"),
        ("reason", "due_by"),
        ("opened_at", "recorded_at"),
        "version",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dispute]:
        rows: QuerySet[Dispute] = super().get_queryset(request)
        return rows.with_withdrawn()  # type: ignore[attr-defined,no-any-return]

    def get_exact_conditions(self, term: str) -> Sequence[Q]:
        connections = Connection.objects.values("pk")
        return [
            *super().get_exact_conditions(term),
            Q(connection_id__in=connections, external_id=term),
            Q(charge__in=_find_charges(term)),
        ]

    def list_tables(self, row: Dispute) -> list[Table]:
        return [tabulate_dispute_movements(row), list_history([row.public_id])]

    @admin.display(description="taken and not given back")
    def taken(self, dispute: Dispute) -> Money:
        return dispute.withdrawn


def _find_charges(term: str) -> QuerySet[Any]:
    return ExternalTransaction.objects.filter(is_movement(term)).values("pk")
