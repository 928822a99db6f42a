"""The form that agrees on a rent."""

from typing import Any

from django import forms
from django.conf import settings
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from bookedbarber.foundation.admin_actions import ReasonForm
from bookedbarber.foundation.money import Money, NotAnAmount

from ..states import RentFrequency


class RentForm(BaseDialogForm):
    """After `is_valid`, `amount_agreed` is the rent of a whole period."""

    barber_id = forms.IntegerField(
        label="Barber’s id", min_value=1, widget=UnfoldAdminIntegerFieldWidget
    )
    amount = forms.DecimalField(widget=UnfoldAdminDecimalFieldWidget, help_text="Of one period.")
    currency = forms.ChoiceField(
        choices=lambda: [(code, code) for code in settings.CURRENCIES],
        widget=UnfoldAdminSelectWidget,
    )
    frequency = forms.ChoiceField(choices=RentFrequency.choices, widget=UnfoldAdminSelectWidget)
    starts_on = forms.DateField(widget=UnfoldAdminDateWidget)
    ends_on = forms.DateField(
        required=False, widget=UnfoldAdminDateWidget, help_text="The day after the last, if known."
    )
    reason = forms.CharField(
        required=False, max_length=500, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2})
    )

    amount_agreed: Money

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "amount" in cleaned and "currency" in cleaned:
            try:
                self.amount_agreed = Money.from_major(cleaned["amount"], cleaned["currency"])
            except NotAnAmount as error:
                self.add_error("amount", str(error))
        return cleaned


class EndForm(ReasonForm):
    """From which day on the plan does not count any more."""

    ends_on = forms.DateField(widget=UnfoldAdminDateWidget, help_text="The day after its last.")
