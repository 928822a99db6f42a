"""How a page asks for the payer's tokens: test cards where processors are simulated."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings

from ..rules.routing import Account
from .test_cards import TEST_CARDS


def is_usable(account: Account) -> bool:
    return account.is_connected and not account.is_disabled and account.takes_payments


def build_payment_methods(accounts: Sequence[Account]) -> dict[str, forms.Field]:
    """One choice of test cards, or a token for each account."""
    if settings.SIMULATED_PROCESSORS:
        choices = [(name, card.label) for name, card in TEST_CARDS.items()]
        return {"card": forms.ChoiceField(label="Test card", choices=choices)}
    return {
        _get_token_name(account): forms.CharField(
            required=False,
            max_length=500,
            label=f"Payment token for {account.name} ({account.processor})",
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        )
        for account in accounts
    }


def read_payment_methods(cleaned: Mapping[str, Any], accounts: Sequence[Account]) -> dict[str, str]:
    """The payer's tokens by connection id."""
    if settings.SIMULATED_PROCESSORS:
        card = TEST_CARDS[cleaned["card"]]
        return {
            str(account.connection_id): card.get_token(account.processor) for account in accounts
        }
    typed = {str(account.connection_id): cleaned[_get_token_name(account)] for account in accounts}
    return {connection_id: token for connection_id, token in typed.items() if token}


def _get_token_name(account: Account) -> str:
    return f"token_{account.connection_id}"
