"""The admin's forms for users."""

from typing import Any

from django import forms
from unfold.forms import UserCreationForm

from .models import User


class _LowercaseEmail:
    """Addresses are stored in lower case, so that one person has one."""

    cleaned_data: dict[str, Any]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class UserForm(_LowercaseEmail, forms.ModelForm):  # type: ignore[type-arg]
    """Without the password, which has a page of its own."""


class NewUserForm(_LowercaseEmail, UserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name", "role")
