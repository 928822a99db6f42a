"""From a failure that the domain knows to an error beside the field it is about."""

from collections.abc import Mapping

from django import forms

from bookedbarber.foundation.errors import DomainError


def add_fault(
    form: forms.Form, error: DomainError, fields: Mapping[str, str] | None = None
) -> None:
    """Put the failure beside its field, or above the form. `fields`: the domain's name → ours."""
    named = str(error.details.get("field", ""))
    ours = (fields or {}).get(named, named)
    message = error.message.removeprefix(f"{named}: ")
    sentence = message[:1].upper() + message[1:]
    if not sentence.endswith((".", "!", "?")):
        sentence += "."
    form.add_error(ours if ours in form.fields else None, sentence)
