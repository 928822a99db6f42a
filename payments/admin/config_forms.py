"""The form that sets a new version of how a barber is paid."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanSwitchWidget,
)

from bookedbarber.foundation.errors import Invalid
from bookedbarber.foundation.money import Money
from processors.registry import ADAPTERS

from ..models import HybridPaymentConfig
from ..operations.configs import CONFIG_FIELDS, get_default_values
from ..rules.limits import read_amount
from ..states import CollectionFrequency, Mode

# Field of the form → column in minor units.
AMOUNTS = {
    "min_external_amount": "min_external_minor",
    "max_platform_amount": "max_platform_minor",
    "split_threshold": "split_threshold_minor",
    "minimum_collection_amount": "minimum_collection_minor",
    "maximum_outstanding_amount": "maximum_outstanding_minor",
}


def _amount(help_text: str, *, required: bool = False) -> forms.DecimalField:
    return forms.DecimalField(
        required=required, widget=UnfoldAdminDecimalFieldWidget, help_text=help_text
    )


def _number(help_text: str) -> forms.IntegerField:
    return forms.IntegerField(
        min_value=0, max_value=31, widget=UnfoldAdminIntegerFieldWidget, help_text=help_text
    )


def _switch(label: str) -> forms.BooleanField:
    return forms.BooleanField(required=False, label=label, widget=UnfoldBooleanSwitchWidget)


class WhichBarberForm(forms.Form):
    """Whose config is to be set. The admin gives the field, which looks barbers up by name."""

    def __init__(self, barber: forms.Field, data: Mapping[str, Any] | None) -> None:
        super().__init__(data)
        self.fields["barber"] = barber


class ConfigForm(forms.Form):
    """Amounts are typed in major units of `currency`; empty means: no such threshold."""

    mode = forms.ChoiceField(choices=Mode.choices, widget=UnfoldAdminSelectWidget)
    currency = forms.ChoiceField(
        choices=lambda: [(code, code) for code in settings.CURRENCIES],
        widget=UnfoldAdminSelectWidget,
        help_text="Of the thresholds below.",
    )
    commission_rate = forms.DecimalField(
        max_digits=7,
        decimal_places=4,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text="Percent, from 0 to 100. Sales made before keep their rate.",
    )
    commission_on_tips = _switch("Commission on tips")
    commission_on_cash = _switch("Commission on cash")
    min_external_amount = _amount("Hybrid: below it the platform takes the payment.")
    max_platform_amount = _amount("Hybrid: above it the barber’s own account takes the payment.")
    split_threshold = _amount("Hybrid: from it on a sale is split.")
    fallback_enabled = _switch("Fall back to the platform")
    preferred_processor = forms.ChoiceField(
        required=False,
        choices=lambda: [("", "None"), *((name, name.title()) for name in sorted(ADAPTERS))],
        widget=UnfoldAdminSelectWidget,
    )
    collection_frequency = forms.ChoiceField(
        choices=CollectionFrequency.choices, widget=UnfoldAdminSelectWidget
    )
    minimum_collection_amount = _amount("Less is not collected yet.", required=True)
    auto_collection = _switch("Collect automatically")
    collection_day = _number("A period begins on it: 1 (Monday) to 7 if weekly, else of the month.")
    buffer_days = _number("Between a period’s end and its collection.")
    net_rent = _switch("Collect rent and commission together")
    net_from_payout = _switch("Collect from the next payout where that covers it")
    maximum_outstanding_amount = _amount("Above it he and you are told.", required=True)
    reason = forms.CharField(
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Kept in the history.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in AMOUNTS:
            if "currency" in cleaned and cleaned.get(name) is not None:
                self._read(name, cleaned[name], cleaned["currency"])
        return cleaned

    def get_changes(self) -> dict[str, Any]:
        """The version's values by column."""
        typed = {AMOUNTS.get(name, name): value for name, value in self.cleaned_data.items()}
        return {
            name: value.amount_minor if isinstance(value, Money) else value
            for name, value in typed.items()
            if name in CONFIG_FIELDS
        }

    def _read(self, name: str, typed: Decimal, currency: str) -> None:
        try:
            self.cleaned_data[name] = read_amount(typed, currency, field=name)
        except Invalid as error:
            self.add_error(name, error.message)


def get_initial(config: HybridPaymentConfig | None) -> dict[str, Any]:
    """What the form shows first: the version in force, else the defaults."""
    values: Mapping[str, Any] = vars(config) if config else get_default_values()
    currency = values["currency"]
    initial = {name: values[name] for name in CONFIG_FIELDS}
    for name, column in AMOUNTS.items():
        minor = initial.pop(column)
        initial[name] = None if minor is None else Money(minor, currency).major
    initial["commission_rate"] = f"{initial['commission_rate']:.2f}"
    return initial
