"""What operators do to connections."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from bookedbarber.foundation.admin_actions import (
    ConfirmForm,
    ReasonForm,
    act_on_one,
    get_actor,
)
from processors.models import Connection
from processors.operations.webhook_registrations import recreate_webhook
from processors.registry import get_credential_fields

from ..operations.connection_health import (
    disable_connection,
    enable_connection,
    reset_connection,
)
from ..operations.connections import change_connection


class CredentialsDialog(BaseDialogForm):
    """One secret, and the location for those who have several."""

    secret = forms.CharField(
        max_length=500,
        label="Secret key or access token",
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
    )
    location_id = forms.CharField(
        max_length=500, required=False, label="Location (Square)", widget=UnfoldAdminTextInputWidget
    )

    def get_credentials(self, processor: str) -> dict[str, str]:
        """What was typed, under the names of the processor's adapter."""
        given = {"location_id": self.cleaned_data["location_id"]}
        named = {
            field.name: self.cleaned_data["secret"] if field.is_secret else given.get(field.name)
            for field in get_credential_fields(processor)
        }
        return {name: value for name, value in named.items() if value}


class ConnectionActs:
    """Mixin: the acts on a connection's own page."""

    get_object: Callable[..., Any]

    @action(
        description="Reset",
        permissions=["operate"],
        icon="restart_alt",
        dialog={
            "title": "Forget its failures and ask afresh?",
            "description": "The count of failures starts again, the account is no longer left "
            "alone, and a live call says how it is now.",
            "form_class": ConfirmForm,
            "form_submit_text": "Reset",
        },
    )
    def reset(self, request: HttpRequest, form: ConfirmForm, object_id: str) -> HttpResponse:
        return self._act(
            request,
            object_id,
            lambda row, by: reset_connection(connection=row, by=by, now=timezone.now()),
        )

    @action(
        description="Switch off",
        permissions=["operate"],
        icon="block",
        dialog={
            "title": "Switch this connection off?",
            "description": "It takes no more payments, whatever its state is, until somebody "
            "switches it on.",
            "form_class": ReasonForm,
            "form_submit_text": "Switch off",
        },
    )
    def disable(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        reason = form.cleaned_data["reason"]
        return self._act(
            request,
            object_id,
            lambda row, by: disable_connection(
                connection=row, by=by, reason=reason, now=timezone.now()
            ),
        )

    @action(
        description="Switch on",
        permissions=["operate"],
        icon="check_circle",
        dialog={
            "title": "Switch this connection on?",
            "description": "It takes payments again as soon as it is connected.",
            "form_class": ReasonForm,
            "form_submit_text": "Switch on",
        },
    )
    def enable(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        reason = form.cleaned_data["reason"]
        return self._act(
            request,
            object_id,
            lambda row, by: enable_connection(connection=row, by=by, reason=reason),
        )

    @action(
        description="Recreate webhook",
        permissions=["operate"],
        icon="webhook",
        dialog={
            "title": "Register the webhook afresh?",
            "description": "The old one goes on until the new one works. For an account connected "
            "by OAuth it is the application's webhook, which serves all such accounts.",
            "form_class": ConfirmForm,
            "form_submit_text": "Recreate",
        },
    )
    def recreate_webhook(
        self, request: HttpRequest, form: ConfirmForm, object_id: str
    ) -> HttpResponse:
        def recreate(row: Connection, by: str) -> None:
            recreated = recreate_webhook(connection=row, by=by, now=timezone.now())
            messages.info(request, f"{recreated.explanation}.")

        return self._act(request, object_id, recreate)

    @sensitive_variables("form")
    def _replace(self, row: Connection, form: CredentialsDialog, by: str) -> None:
        change_connection(
            connection=row,
            credentials=form.get_credentials(row.processor),
            by=by,
            now=timezone.now(),
        )

    @action(
        description="Update credentials",
        permissions=["operate"],
        icon="key",
        dialog={
            "title": "Replace the credentials?",
            "description": "They must open the same account. They are tried at once; until they "
            "have worked, the old ones stay.",
            "form_class": CredentialsDialog,
            "form_submit_text": "Replace",
        },
    )
    def update_credentials(
        self, request: HttpRequest, form: CredentialsDialog, object_id: str
    ) -> HttpResponse:
        return self._act(request, object_id, lambda row, by: self._replace(row, form, by))

    def _act(
        self, request: HttpRequest, object_id: str, operation: Callable[[Connection, str], object]
    ) -> HttpResponse:
        by = get_actor(request)
        return act_on_one(self, request, object_id, lambda row: operation(row, by))
