"""The forms that let a barber owe more, or less. Their key makes a second click the same act."""

from uuid import uuid4

from django import forms
from django.conf import settings
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
)

from bookedbarber.foundation.admin_actions import ReasonForm
from bookedbarber.foundation.money import Money
from payments.rules.limits import read_amount


class AmountForm(ReasonForm):
    """How much, and why."""

    key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)
    amount = forms.DecimalField(widget=UnfoldAdminDecimalFieldWidget)

    @property
    def reference(self) -> str:
        return f"admin-{self.cleaned_data['key']}"

    def get_amount(self, currency: str) -> Money:
        """
        :raises InvalidPaymentAmount: it has too many decimals for the currency.
        """
        return read_amount(self.cleaned_data["amount"], currency, field="amount")


class AdjustmentForm(AmountForm):
    """A signed amount in the accrual's currency."""

    amount = forms.DecimalField(
        widget=UnfoldAdminDecimalFieldWidget, help_text="Below zero: so much less is owed."
    )


class BarberForm(ReasonForm):
    """Whose, in which currency, and why."""

    barber_id = forms.IntegerField(
        label="Barber’s id", min_value=1, widget=UnfoldAdminIntegerFieldWidget
    )
    currency = forms.ChoiceField(
        choices=lambda: [(code, code) for code in settings.CURRENCIES],
        widget=UnfoldAdminSelectWidget,
    )


class BarberAmountForm(BarberForm, AmountForm):
    """An amount for a barber."""
