"""The form that takes a payment."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.formats import date_format

from bookedbarber.accounts.models import Barber
from bookedbarber.bookings.models import Appointment, AppointmentStatus
from bookedbarber.foundation.errors import DomainError, Invalid
from bookedbarber.foundation.money import Money

from ..models import Payment
from ..operations.claims import Order
from ..queries.routing import get_barber_facts, get_limits
from ..rules.limits import check_amount, check_tip, read_amount
from ..states import ClientPreference, PaymentState
from .faults import add_fault
from .payment_methods import build_payment_methods, is_usable, read_payment_methods

SHOWN_BEFORE = timedelta(days=30)
SHOWN_AHEAD = timedelta(days=60)

KEY = re.compile(r"\A[0-9a-f]{32}\Z")

# The domain's names of what is typed → the fields here.
FIELDS = {"tip_amount": "tip", "payment_methods": "card"}


class AppointmentField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Shows whose, when in the barber's time, and the price."""

    def label_from_instance(self, obj: Appointment) -> str:
        when = date_format(obj.starts_at.astimezone(obj.barber.zone), "j M, H:i")
        return f"{when} · {obj.client.name} · {obj.service_name} · {obj.price}"


class SaleForm(forms.Form):
    """After `is_valid`, `order` is what was typed."""

    key = forms.RegexField(KEY, widget=forms.HiddenInput)
    appointment = AppointmentField(
        Appointment.objects.none(), required=False, empty_label="Walk-in, no appointment"
    )
    amount = forms.DecimalField(
        required=False,
        label="Amount, tip included",
        help_text="Leave it empty to charge the price of the appointment and the tip.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    tip = forms.DecimalField(
        required=False,
        label="Tip",
        help_text="The part of the amount that is a tip. Empty: none.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    currency = forms.ChoiceField(choices=lambda: [(code, code) for code in settings.CURRENCIES])
    preference = forms.ChoiceField(
        required=False,
        label="The client prefers",
        choices=[
            ("", "No preference: your rules decide"),
            (ClientPreference.PLATFORM, "The platform"),
            (ClientPreference.EXTERNAL, "Your own account"),
        ],
    )

    order: Order

    def __init__(self, data: Mapping[str, Any] | None, *, barber: Barber, now: datetime) -> None:
        facts = get_barber_facts(barber, now=now)
        self.barber = barber
        self.accounts = [account for account in facts.accounts if is_usable(account)]
        initial = {"currency": facts.terms.currency}
        super().__init__(data, initial=initial)
        appointments = self.fields["appointment"]
        appointments.queryset = list_unpaid(barber, now=now)  # type: ignore[attr-defined]
        self.fields |= build_payment_methods(self.accounts)

    def start_with(self, *, key: str, appointment_id: str) -> None:
        """Use this key, and choose the appointment if it is one of those that are offered."""
        self.initial = {**self.initial, "key": key}
        if not (appointment_id.isascii() and appointment_id.isdigit()):
            return
        offered = self.fields["appointment"].queryset  # type: ignore[attr-defined]
        found = offered.filter(pk=int(appointment_id[:18])).first()
        if found is not None:
            chosen = {"appointment": found.pk, "currency": found.currency}
            self.initial = {**self.initial, **chosen}

    def renew_key(self) -> None:
        """Make the next submission a request of its own."""
        # Each read by name: unpacking would give the lists that a QueryDict holds.
        typed = {name: self.data[name] for name in self.data}
        self.data = typed | {"key": new_key()}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.order = self._read_order(cleaned)
            except DomainError as error:
                self.add_fault(error)
        return cleaned

    def add_fault(self, error: DomainError) -> None:
        add_fault(self, error, FIELDS)

    def get_content(self) -> dict[str, str]:
        """What was typed, as text: two submissions with equal content are the same request."""
        return {
            name: str(value.pk) if isinstance(value, Appointment) else str(value)
            for name, value in self.cleaned_data.items()
            if name != "key" and value is not None
        }

    def _read_order(self, cleaned: dict[str, Any]) -> Order:
        currency, appointment = cleaned["currency"], cleaned["appointment"]
        tip = read_amount(cleaned["tip"] or Decimal(0), currency, field="tip_amount")
        amount = _read_amount(cleaned["amount"], currency, appointment, tip)
        check_tip(tip.major, amount)
        return Order(
            barber=self.barber,
            appointment=appointment,
            amount=amount,
            tip=tip,
            payment_methods=read_payment_methods(cleaned, self.accounts),
            preference=ClientPreference(cleaned["preference"]) if cleaned["preference"] else None,
        )


def new_key() -> str:
    """The key of one sale: whatever is sent under it is charged once."""
    return uuid4().hex


def is_key(text: str) -> bool:
    return KEY.match(text) is not None


def list_unpaid(barber: Barber, *, now: datetime) -> QuerySet[Appointment]:
    """The barber's appointments around now that nobody has paid or is paying."""
    payments = Payment.objects.filter(appointment=OuterRef("pk")).exclude(
        state__in=[PaymentState.FAILED, PaymentState.CANCELED]
    )
    return (
        Appointment.objects.filter(
            ~Exists(payments),
            barber=barber,
            status__in=[AppointmentStatus.BOOKED, AppointmentStatus.COMPLETED],
            starts_at__range=(now - SHOWN_BEFORE, now + SHOWN_AHEAD),
        )
        .select_related("client", "barber")
        .order_by("starts_at")
    )


def _read_amount(
    typed: Decimal | None, currency: str, appointment: Appointment | None, tip: Money
) -> Money:
    """What was typed, else the price of the appointment and the tip."""
    if appointment is not None and appointment.currency != currency:
        raise Invalid(f"This appointment is priced in {appointment.currency}", field="currency")
    if typed is not None:
        return check_amount(typed, currency, get_limits())
    if appointment is None:
        raise Invalid("An amount is needed for a walk-in", field="amount")
    return check_amount((appointment.price + tip).major, currency, get_limits())
