"""Sales and their legs."""

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import Q
from django.utils.safestring import SafeString
from unfold.decorators import display

from bookedbarber.foundation.admin_base import ReadOnlyAdmin
from bookedbarber.foundation.admin_display import (
    STATE_COLORS,
    Table,
    as_json,
    list_history,
    money,
    percent,
    state,
)
from bookedbarber.foundation.admin_lists import CurrencyFilter, choice_filter, read_number
from bookedbarber.foundation.money import Money
from processors.models import Connection
from processors.registry import ADAPTERS

from ..models import Payment, PaymentLeg, Refund
from .refund_action import RefundAction
from .tables import (
    MOST_ROWS,
    tabulate_candidates,
    tabulate_legs,
    tabulate_movements,
    tabulate_postings,
    tabulate_refunds,
)


def has_leg_at(external_id: str) -> Q:
    """Payments with this object at a processor. Naming the connections lets the index help."""
    legs = PaymentLeg.objects.filter(
        connection_id__in=Connection.objects.values("pk"), external_id=external_id
    )
    return Q(pk__in=legs.values("payment_id"))


def _processor_names() -> list[str]:
    return sorted(ADAPTERS)


class LegProcessorFilter(
    choice_filter("processor", "processor", _processor_names)  # type: ignore[misc]
):
    """A payment's processors are those of its legs."""

    def queryset(self, request: object, queryset: object) -> object:
        if not self.value():
            return queryset
        legs = PaymentLeg.objects.filter(connection__processor=self.value())
        return queryset.filter(pk__in=legs.values("payment_id"))  # type: ignore[attr-defined]


@admin.register(Payment)
class PaymentAdmin(RefundAction, ReadOnlyAdmin):
    list_display = (
        "public_id",
        "barber",
        money("amount_minor", "amount"),
        money("commission_minor", "commission"),
        "status",
        "decision",
        "environment",
        "created_at",
    )
    list_select_related = ("barber",)
    list_filter = ("state", "decision", CurrencyFilter, LegProcessorFilter, "environment")
    search_fields = ("public_id",)
    search_help_text = "An exact id of the payment, its leg, appointment or processor’s object"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("public_id", "status"),
                    ("barber", "environment"),
                    ("appointment", "visit_part"),
                    (money("amount_minor", "amount"), money("tip_minor", "of which tip")),
                    (
                        money("commission_minor", "commission"),
                        percent("commission_rate", "commission rate"),
                    ),
                    (money("refunded_minor", "refunded"), money("disputed_minor", "disputed")),
                    ("created_at", "completed_at"),
                    ("created_by", "shown_metadata"),
                )
            },
        ),
        (
            "Why it went there",
            {"fields": ("explanation", ("decision", "reason"), ("mode", "expected_fee"))},
        ),
    )

    def get_exact_conditions(self, term: str) -> Sequence[Q]:
        conditions = [*super().get_exact_conditions(term), has_leg_at(term)]
        if term.startswith("leg_"):
            conditions.append(Q(legs__public_id=term))
        if (appointment_id := read_number(term)) is not None:
            conditions.append(Q(appointment_id=appointment_id))
        return conditions

    def list_tables(self, row: Payment) -> list[Table]:
        movements = list(row.movements.select_related("connection").order_by("id"))
        refunds = list(
            Refund.objects.filter(payment=row).select_related("leg").order_by("id")[:MOST_ROWS]
        )
        names = [refund.public_id for refund in refunds]
        subjects = [row.public_id, *row.legs.values_list("public_id", flat=True), *names]
        return [
            tabulate_legs(row),
            tabulate_refunds(refunds),
            tabulate_movements(movements),
            tabulate_postings(movement.pk for movement in movements),
            tabulate_candidates(row),
            list_history(subjects),
        ]

    @display(description="state", label=STATE_COLORS)
    def status(self, payment: Payment) -> str:
        return payment.status

    @admin.display(description="explanation")
    def explanation(self, payment: Payment) -> str:
        return str(payment.decision_facts.get("explanation", "–"))

    @admin.display(description="reason")
    def reason(self, payment: Payment) -> str:
        return str(payment.decision_facts.get("reason", "–")).replace("_", " ")

    @admin.display(description="payment mode then")
    def mode(self, payment: Payment) -> str:
        return str(payment.decision_facts.get("payment_mode", "–"))

    @admin.display(description="expected processing fee")
    def expected_fee(self, payment: Payment) -> str:
        expected = payment.decision_facts.get("expected_fee_minor")
        return "–" if expected is None else str(Money(expected, payment.currency))

    @admin.display(description="metadata")
    def shown_metadata(self, payment: Payment) -> SafeString | str:
        return as_json(payment.metadata) if payment.metadata else "–"


@admin.register(PaymentLeg)
class PaymentLegAdmin(ReadOnlyAdmin):
    list_display = (
        "public_id",
        "payment",
        "connection",
        "role",
        money("amount_minor", "amount"),
        state,
        "external_id",
        "created_at",
    )
    list_select_related = ("payment", "connection")
    list_filter = (
        "state",
        "role",
        CurrencyFilter,
        choice_filter("processor", "processor", _processor_names, "connection__processor"),
    )
    search_fields = ("public_id", "payment__public_id")
    fields = (
        ("public_id", state),
        ("payment", "connection"),
        ("role", "operation"),
        (money("amount_minor", "amount"), money("tip_minor", "of which tip")),
        "external_id",
        ("failure_kind", "failure_code"),
        "failure_message",
        ("created_at", "lease_until"),
    )

    def get_exact_conditions(self, term: str) -> Sequence[Q]:
        at_processor = Q(connection_id__in=Connection.objects.values("pk"), external_id=term)
        return [*super().get_exact_conditions(term), at_processor]

    def list_tables(self, row: PaymentLeg) -> list[Table]:
        return [list_history([row.public_id])]
