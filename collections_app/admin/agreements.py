"""What barbers have consented to, and who owes more than he may."""

from django.contrib import admin

from bookedbarber.foundation.admin_base import ReadOnlyAdmin
from bookedbarber.foundation.admin_display import Table, list_history, money
from bookedbarber.foundation.admin_lists import CurrencyFilter

from ..models import Mandate, MandateSetup, OutstandingAlert


@admin.register(Mandate)
class MandateAdmin(ReadOnlyAdmin):
    list_display = (
        "public_id",
        "barber",
        "kind",
        "brand",
        "last4",
        "accepted_at",
        "withdrawn_at",
        "environment",
    )
    list_select_related = ("barber",)
    list_filter = ("kind", "environment")
    search_fields = ("public_id", "barber_id", "customer_id", "payment_method_id")
    search_help_text = "An exact id of the mandate, the barber, the customer or the method"
    fields = (
        ("public_id", "kind"),
        ("barber", "environment"),
        "connection",
        ("customer_id", "payment_method_id"),
        ("brand", "bank_name", "last4"),
        ("accepted_at", "accepted_by", "accepted_from"),
        "consent_version",
        "consent_text",
        ("withdrawn_at", "withdrawn_by"),
    )

    def list_tables(self, row: Mandate) -> list[Table]:
        return [list_history([row.public_id])]


@admin.register(MandateSetup)
class MandateSetupAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "barber", "accepted_at", "ended_at", "mandate", "environment")
    list_select_related = ("barber", "mandate")
    list_filter = ("environment",)
    search_fields = ("public_id", "barber_id", "customer_id", "external_id")
    search_help_text = "An exact id of the setup, the barber, the customer or the page"
    fields = (
        ("public_id", "environment"),
        ("barber", "connection"),
        ("customer_id", "external_id"),
        ("accepted_at", "accepted_by", "accepted_from"),
        ("consent_version", "mandate"),
        ("ended_at",),
    )


@admin.register(OutstandingAlert)
class OutstandingAlertAdmin(ReadOnlyAdmin):
    list_display = (
        "barber",
        money("owed_minor", "owed"),
        money("maximum_minor", "maximum"),
        "opened_at",
        "closed_at",
        "environment",
    )
    list_select_related = ("barber",)
    list_filter = (("closed_at", admin.EmptyFieldListFilter), CurrencyFilter, "environment")
    search_fields = ("id", "barber_id")
    search_help_text = "An exact id of the alert or the barber"
    fields = (
        ("barber", "environment"),
        (money("owed_minor", "owed"), money("maximum_minor", "maximum")),
        ("opened_at", "closed_at"),
    )
