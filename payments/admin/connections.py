"""Connections, here because their acts change a barber's routing."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.decorators import action, display

from bookedbarber.foundation.admin_actions import (
    ConfirmForm,
    ReasonForm,
    act_on_one,
    get_actor,
    run_on_each,
)
from bookedbarber.foundation.admin_base import ReadOnlyAdmin
from bookedbarber.foundation.admin_display import (
    Table,
    as_json,
    link,
    list_history,
    percent,
    state,
)
from processors.admin import ProcessorFilter
from processors.models import Connection

from ..operations.connections import check_connection, disconnect_account
from ..operations.syncs import request_sync
from .connection_acts import ConnectionActs
from .reconciliations import tabulate_reconciliations
from .syncs import SyncForm, tabulate_syncs


@admin.register(Connection)
class ConnectionAdmin(ConnectionActs, ReadOnlyAdmin):
    """Credentials are no field of any page."""

    list_display = (
        "public_id",
        "name",
        "processor",
        "whose",
        state,
        "usable",
        "environment",
        "error_count",
        "last_checked_at",
    )
    # Joining the owner would lose the platform's connections, whose owner is no row.
    list_select_related = False
    list_filter = ("state", ProcessorFilter, "role", "environment")
    search_fields = ("public_id", "account_id", "name")
    search_help_text = "An exact id of the connection or the account, or its exact name"
    fields = (
        ("public_id", state),
        ("name", "usable"),
        ("whose", "role"),
        ("processor", "account_id"),
        ("environment", "disabled_at"),
        ("currencies", "abilities"),
        (percent("fee_percent", "fee"), "fee_fixed_minor"),
        ("connected_at", "last_checked_at"),
        ("is_authorized", "token_expires_at"),
        ("refresh_at", "revoke_at"),
        ("last_transaction_at", "error_count"),
        ("last_synced_at", "transaction_count"),
        "last_error",
        "shown_details",
    )
    actions = ("check_selected", "sync_selected")
    actions_detail = (
        "check_now",
        "sync_now",
        "reset",
        "update_credentials",
        "recreate_webhook",
        "disable",
        "enable",
        "disconnect",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        rows: QuerySet[Connection] = super().get_queryset(request)
        return rows.defer("sealed_credentials").prefetch_related("owner")

    def has_operate_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return request.user.has_perm("processors.change_connection")

    def get_exact_conditions(self, term: str) -> Sequence[Q]:
        return [*super().get_exact_conditions(term), Q(owner__name=term)]

    def list_tables(self, row: Connection) -> list[Table]:
        return [tabulate_syncs(row), tabulate_reconciliations(row), list_history([row.public_id])]

    @admin.display(description="owner")
    def whose(self, connection: Connection) -> str:
        return "the platform" if connection.is_platform else link(connection.owner)

    @display(description="usable", boolean=True)
    def usable(self, connection: Connection) -> bool:
        return connection.is_usable

    @admin.display(description="what the processor says of the account")
    def shown_details(self, connection: Connection) -> str:
        return as_json(connection.details) if connection.details else "–"

    @action(description="Test the credentials", permissions=["operate"])
    def check_selected(self, request: HttpRequest, connections: QuerySet[Connection]) -> None:
        run_on_each(request, connections, _check_as(request))

    @action(
        description="Test the credentials",
        permissions=["operate"],
        icon="network_check",
        dialog={
            "title": "Ask the processor now?",
            "description": "A live call with the stored credentials. If they are refused, the "
            "connection expires and takes no more payments.",
            "form_class": ConfirmForm,
            "form_submit_text": "Test",
        },
    )
    def check_now(self, request: HttpRequest, form: ConfirmForm, object_id: str) -> HttpResponse:
        return act_on_one(self, request, object_id, _check_as(request))

    @action(description="Sync now", permissions=["operate"])
    def sync_selected(self, request: HttpRequest, connections: QuerySet[Connection]) -> None:
        run_on_each(request, connections, _sync_as(request))

    @action(
        description="Sync now",
        permissions=["operate"],
        icon="sync",
        dialog={
            "title": "Read the account’s lists now?",
            "description": "A worker reads what has come in since the last sync, and records it.",
            "form_class": SyncForm,
            "form_submit_text": "Sync",
        },
    )
    def sync_now(self, request: HttpRequest, form: SyncForm, object_id: str) -> HttpResponse:
        return act_on_one(self, request, object_id, _sync_as(request, **form.cleaned_data))

    @action(
        description="Disconnect",
        permissions=["operate"],
        icon="link_off",
        dialog={
            "title": "Disconnect this account?",
            "description": "It takes no more payments. Its debts, refunds and disputes go on. "
            "Only fresh credentials connect it again.",
            "form_class": ReasonForm,
            "form_submit_text": "Disconnect",
        },
    )
    def disconnect(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        def disconnect(row: Connection) -> None:
            disconnect_account(
                connection=row,
                by=get_actor(request),
                reason=form.cleaned_data["reason"],
            )

        return act_on_one(self, request, object_id, disconnect)


def _check_as(request: HttpRequest) -> Callable[[Connection], None]:
    def check(connection: Connection) -> None:
        check_connection(
            connection=connection,
            by=get_actor(request),
            now=timezone.now(),
        )

    return check


def _sync_as(
    request: HttpRequest, *, since: datetime | None = None, force: bool = False
) -> Callable[[Connection], None]:
    def ask(connection: Connection) -> None:
        request_sync(
            connection=connection,
            by=get_actor(request),
            now=timezone.now(),
            since=since,
            force=force,
        )

    return ask
