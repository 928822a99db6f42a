"""Clients, services and appointments."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget

from bookedbarber.foundation.admin_base import EditableAdmin
from bookedbarber.foundation.admin_display import Table, list_history, money
from bookedbarber.foundation.admin_lists import CurrencyFilter
from bookedbarber.foundation.money import Money, NotAnAmount

from .models import Appointment, AppointmentStatus, Client, Service
from .operations.appointments import change_appointment

price = money("price_minor", "price")


@admin.register(Client)
class ClientAdmin(EditableAdmin):
    list_display = ("name", "email", "phone", "barber", "created_at")
    list_select_related = ("barber",)
    search_fields = ("name", "email", "user__public_id__exact")
    autocomplete_fields = ("barber", "user")
    readonly_fields = ("created_at",)
    fields = ("name", "email", "phone", "barber", "user", "created_at")

    def list_tables(self, row: Client) -> list[Table]:
        return [list_history([f"client:{row.pk}"])]


class ServiceForm(forms.ModelForm):  # type: ignore[type-arg]
    """The price is typed in major units."""

    price = forms.DecimalField(max_digits=12, widget=UnfoldAdminDecimalFieldWidget)
    currency = forms.ChoiceField(
        choices=lambda: [(code, code) for code in settings.CURRENCIES],
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = Service
        fields = ("barber", "name", "currency", "is_offered")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "price" in self.fields:
            stored = Money(self.instance.price_minor, self.instance.currency)
            self.fields["price"].initial = stored.major

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if "price" in cleaned and "currency" in cleaned:
            self._read_price(cleaned)
        return cleaned

    def _read_price(self, cleaned: dict[str, Any]) -> None:
        try:
            read = Money.from_major(cleaned["price"], cleaned["currency"])
        except NotAnAmount as error:
            self.add_error("price", str(error))
            return
        if not read > Money.zero(read.currency):
            self.add_error("price", "A price is more than 0.")
        self.instance.price_minor = read.amount_minor
        if "price" in self.changed_data:
            # The column behind the field, for whoever asks what is to be saved.
            self.changed_data.append("price_minor")


@admin.register(Service)
class ServiceAdmin(EditableAdmin):
    form = ServiceForm
    list_display = ("name", "barber", price, "is_offered", "id")
    list_select_related = ("barber",)
    list_filter = ("is_offered", CurrencyFilter)
    search_fields = ("name", "barber__name")
    autocomplete_fields = ("barber",)
    fields = ("barber", "name", "price", "currency", "is_offered")

    def list_tables(self, row: Service) -> list[Table]:
        return [list_history([f"service:{row.pk}"])]


@admin.register(Appointment)
class AppointmentAdmin(EditableAdmin):
    """Booked by the booking side. What is still booked can be changed; its price stays."""

    list_display = ("starts_at", "service_name", "barber", "client", price, "status", "id")
    list_select_related = ("barber", "client")
    list_filter = ("status", CurrencyFilter)
    search_fields = ("id__exact", "barber__name", "client__name", "client__email")
    readonly_fields = ("barber", "client", price, "created_at")
    fields = ("service_name", "starts_at", "status", "barber", "client", price, "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and (obj is None or _is_open(obj))

    def save_model(
        self, request: HttpRequest, obj: Any, form: "forms.ModelForm[Any]", change: Any
    ) -> None:
        change_appointment(
            appointment=obj,
            by=request.user.public_id,  # type: ignore[union-attr]
            **{name: form.cleaned_data[name] for name in form.changed_data},
        )

    def list_tables(self, row: Appointment) -> list[Table]:
        return [list_history([f"appointment:{row.pk}"])]


def _is_open(appointment: Appointment) -> bool:
    stored = Appointment.objects.only("status").get(pk=appointment.pk)
    return stored.status == AppointmentStatus.BOOKED
