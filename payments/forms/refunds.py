"""The form that gives money back."""

from collections.abc import Mapping
from typing import Any

from django import forms

from bookedbarber.foundation.errors import DomainError
from bookedbarber.foundation.money import Money

from ..models import Payment
from ..rules.refunds import LONGEST_REASON, read_refund_amount
from .faults import add_fault
from .sales import KEY, new_key


class RefundForm(forms.Form):
    """After `is_valid`, `amount_wanted` is what was typed; None is all that is left."""

    key = forms.RegexField(KEY, widget=forms.HiddenInput, initial=new_key)
    amount = forms.DecimalField(
        required=False,
        label="Amount",
        help_text="Leave it empty to refund all that is left.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        required=False,
        max_length=LONGEST_REASON,
        label="Why",
        help_text="Kept with the refund, here and at the processor. Optional.",
    )

    amount_wanted: Money | None

    def __init__(self, data: Mapping[str, Any] | None, *, payment: Payment) -> None:
        super().__init__(data, prefix="refund")
        self._payment = payment

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.amount_wanted = read_refund_amount(
                    cleaned["amount"], None, self._payment.currency
                )
            except DomainError as error:
                self.add_fault(error)
        return cleaned

    def add_fault(self, error: DomainError) -> None:
        add_fault(self, error)

    def get_content(self) -> dict[str, str]:
        """What was typed, as text: two submissions with equal content are the same request."""
        return {name: str(self.cleaned_data[name]) for name in ("amount", "reason")}
