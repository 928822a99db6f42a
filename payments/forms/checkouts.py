"""What a payer types on the payment page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms

from bookedbarber.foundation.errors import DomainError

from ..models import Payment
from ..queries.routing import get_barber_facts
from .faults import add_fault
from .payment_methods import build_payment_methods, is_usable, read_payment_methods


class CheckoutForm(forms.Form):
    """Asks for the tokens of the accounts that may be charged."""

    def __init__(self, data: Mapping[str, Any] | None, *, payment: Payment, now: datetime) -> None:
        facts = get_barber_facts(payment.barber, now=now)
        self.accounts = [account for account in facts.accounts if is_usable(account)]
        super().__init__(data)
        self.fields |= build_payment_methods(self.accounts)

    def get_payment_methods(self) -> dict[str, str]:
        return read_payment_methods(self.cleaned_data, self.accounts)

    def add_fault(self, error: DomainError) -> None:
        add_fault(self, error, {"payment_methods": "card"})
