"""Movements of money and what barbers come to owe by them."""

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import Q
from django.utils.safestring import SafeString

from bookedbarber.foundation.admin_base import ReadOnlyAdmin
from bookedbarber.foundation.admin_display import Table, as_json, breakable, money, percent, state
from bookedbarber.foundation.admin_lists import CurrencyFilter, choice_filter
from processors.models import Connection
from processors.registry import ADAPTERS
from processors.states import Environment

from ..models import Accrual, ExternalPayload, ExternalTransaction, Payment
from ..states import TransactionKind
from .explain_action import ExplainAction
from .payments import has_leg_at
from .tables import tabulate_accrual, tabulate_postings


def is_movement(external_id: str) -> Q:
    """Spelled as the unique index is, so that it helps."""
    return Q(
        connection_id__in=Connection.objects.values("pk"),
        kind__in=TransactionKind.values,
        external_id=external_id,
    )


@admin.register(ExternalTransaction)
class ExternalTransactionAdmin(ExplainAction, ReadOnlyAdmin):
    list_display = (
        "external_id",
        "kind",
        "connection",
        "barber",
        money("amount_minor", "amount"),
        money("fee_minor", "processing fee"),
        state,
        "occurred_at",
    )
    list_select_related = ("connection", "barber")
    list_filter = (
        "state",
        "kind",
        "purpose",
        CurrencyFilter,
        choice_filter("processor", "processor", lambda: sorted(ADAPTERS), "connection__processor"),
        choice_filter(
            "environment", "environment", lambda: Environment.values, "connection__environment"
        ),
    )
    search_fields = ("payment__public_id",)
    search_help_text = "An exact id of the processor, or of our payment or leg"
    fields = (
        ("external_id", state),
        ("group_id", "our_reference"),
        ("kind", "purpose"),
        ("connection", "barber"),
        ("payment", "local_day"),
        (money("amount_minor", "amount"), money("tip_minor", "of which tip")),
        (money("fee_minor", "processing fee"), "method"),
        (money("base_minor", "base of commission"), percent("commission_rate", "rate")),
        ("occurred_at", "available_at"),
        ("recorded_at", "version"),
        "fingerprint",
        "said",
    )

    def get_exact_conditions(self, term: str) -> Sequence[Q]:
        by_leg = Q(payment__in=Payment.objects.filter(has_leg_at(term)).values("pk"))
        conditions = [*super().get_exact_conditions(term), is_movement(term), by_leg]
        if term.startswith("leg_"):
            conditions.append(Q(payment__legs__public_id=term))
        return conditions

    def list_tables(self, row: ExternalTransaction) -> list[Table]:
        return [tabulate_postings([row.pk])]

    @admin.display(description="what the processor said (secrets masked)")
    def said(self, row: ExternalTransaction) -> SafeString | str:
        found = ExternalPayload.objects.filter(pk=row.pk).first()
        return as_json(found.raw) if found else "–"

    @admin.display(description="digest of what the processor said")
    def fingerprint(self, row: ExternalTransaction) -> SafeString:
        return breakable(row.digest)


@admin.register(ExternalPayload)
class ExternalPayloadAdmin(ReadOnlyAdmin):
    list_display = ("transaction",)
    list_select_related = ("transaction",)
    search_fields = ("transaction_id",)
    fields = ("transaction", "said")

    @admin.display(description="what the processor said (secrets masked)")
    def said(self, row: ExternalPayload) -> SafeString:
        return as_json(row.raw)


@admin.register(Accrual)
class AccrualAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "barber",
        "kind",
        "sale",
        money("commission_minor", "commission"),
        money("kept_minor", "kept"),
        money("amount_minor", "owed"),
        "environment",
        "occurred_at",
    )
    list_select_related = ("barber", "sale")
    list_filter = ("kind", CurrencyFilter, "environment")
    search_fields = ("id", "sale__payment__public_id")
    search_help_text = "An exact id of the accrual, the payment or the processor’s movement"
    fields = (
        ("barber", "kind"),
        ("sale", "revision"),
        ("corrects", "movement"),
        ("rent_plan_id", "period_start", "period_end"),
        (money("base_minor", "base"), percent("rate", "rate")),
        (money("commission_minor", "commission"), money("kept_minor", "kept")),
        money("amount_minor", "owed"),
        ("reference", "reason"),
        ("occurred_at", "created_at"),
        "environment",
    )

    def get_exact_conditions(self, term: str) -> Sequence[Q]:
        sales = ExternalTransaction.objects.filter(is_movement(term))
        return [*super().get_exact_conditions(term), Q(sale_id__in=sales.values("pk"))]

    def list_tables(self, row: Accrual) -> list[Table]:
        if row.sale_id is None:
            return [tabulate_accrual(row)]
        return [tabulate_postings([row.sale_id])]
