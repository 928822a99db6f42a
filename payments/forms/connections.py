"""The forms that connect and disconnect an account."""

from collections.abc import Mapping
from typing import Any

from django import forms

from processors.contract import CredentialField
from processors.registry import get_credential_fields

PREFIX = "credential_"


class CredentialsForm(forms.Form):
    """The credentials that the processor's adapter asks for."""

    def __init__(self, data: Mapping[str, Any] | None, *, processor: str) -> None:
        super().__init__(data)
        self.credentials = get_credential_fields(processor)
        for field in self.credentials:
            self.fields[PREFIX + field.name] = _build_field(field)

    def get_credentials(self) -> dict[str, str]:
        typed = {field.name: self.cleaned_data[PREFIX + field.name] for field in self.credentials}
        return {name: value for name, value in typed.items() if value}


class ConnectForm(CredentialsForm):
    """A name, and the credentials."""

    name = forms.CharField(
        required=False,
        max_length=100,
        label="Name",
        help_text="What you call this account. Empty: as the processor calls it.",
    )


class DisconnectForm(forms.Form):
    reason = forms.CharField(
        required=False, max_length=500, label="Why", help_text="Kept in the history. Optional."
    )


def _build_field(field: CredentialField) -> forms.CharField:
    attributes = {"autocomplete": "off", "spellcheck": "false"}
    kind = forms.PasswordInput if field.is_secret else forms.TextInput
    return forms.CharField(
        label=field.label,
        required=field.is_required,
        max_length=500,
        help_text="" if field.is_required else "Optional.",
        widget=kind(attrs=attributes),
    )
