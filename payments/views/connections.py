"""A barber's accounts at processors. Credentials go in and are never shown."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookedbarber.accounts.roles import Permission
from bookedbarber.foundation.errors import DomainError
from processors.models import Connection
from processors.operations.webhook_registrations import recreate_webhook
from processors.registry import ADAPTERS, is_application_configured, is_known
from processors.states import NO_ACCOUNT_STATES, ConnectionState

from ..forms.connections import ConnectForm, CredentialsForm, DisconnectForm
from ..forms.faults import add_fault
from ..operations.connection_health import reset_connection
from ..operations.connections import (
    change_connection,
    check_connection,
    connect_account,
    disconnect_account,
)
from ..operations.syncs import request_sync
from ..queries.coverage import get_coverage
from .people import get_own_barber, get_user, permitted


@require_safe
@permitted(Permission.CONNECTION_READ)
def connection_list(request: HttpRequest) -> HttpResponse:
    user = get_user(request)
    connections = list(_list_visible(request))
    coverage = get_coverage(connections)
    context = {
        "connections": connections,
        "coverage": [(row, coverage[row.pk]) for row in connections if row.pk in coverage],
        "processors": sorted(ADAPTERS),
        "applications": [name for name in sorted(ADAPTERS) if is_application_configured(name)],
        "own_barber": getattr(user, "barber", None),
        "gone": {ConnectionState.DISCONNECTED, *NO_ACCOUNT_STATES},
    }
    return render(request, "payments/connection_list.html", context)


@sensitive_post_parameters()
@sensitive_variables("form")
@require_http_methods(["GET", "HEAD", "POST"])
@permitted(Permission.CONNECTION_WRITE)
def connection_new(request: HttpRequest, processor: str) -> HttpResponse:
    barber = get_own_barber(request)
    if not is_known(processor):
        raise Http404
    form = ConnectForm(request.POST or None, processor=processor)
    if form.is_valid():
        try:
            connection = connect_account(
                barber=barber,
                processor=processor,
                credentials=form.get_credentials(),
                name=form.cleaned_data["name"],
                by=get_user(request).public_id,
                now=timezone.now(),
            )
        except DomainError as error:
            add_fault(form, error)
        else:
            messages.success(request, f"{connection.name} is connected.")
            return redirect("connection_list")
    context = {"form": form, "processor": processor}
    return render(request, "payments/connection_new.html", context)


@require_POST
@permitted(Permission.CONNECTION_WRITE)
def connection_test(request: HttpRequest, connection_id: str) -> HttpResponse:
    def test(connection: Connection, by: str) -> str:
        check_connection(connection=connection, by=by, now=timezone.now())
        return f"{connection.name} answers: its credentials are good."

    return _act_on_own(request, connection_id, test)


@require_POST
@permitted(Permission.CONNECTION_WRITE)
def connection_sync(request: HttpRequest, connection_id: str) -> HttpResponse:
    def sync(connection: Connection, by: str) -> str:
        request_sync(connection=connection, by=by, now=timezone.now())
        return f"{connection.name}: its sales are being read."

    return _act_on_own(request, connection_id, sync)


@require_POST
@permitted(Permission.CONNECTION_WRITE)
def connection_reset(request: HttpRequest, connection_id: str) -> HttpResponse:
    def reset(connection: Connection, by: str) -> str:
        reset_connection(connection=connection, by=by, now=timezone.now())
        return f"{connection.name} answers; its failures are forgotten."

    return _act_on_own(request, connection_id, reset)


@require_POST
@permitted(Permission.CONNECTION_WRITE)
def connection_webhook(request: HttpRequest, connection_id: str) -> HttpResponse:
    def recreate(connection: Connection, by: str) -> str:
        recreated = recreate_webhook(connection=connection, by=by, now=timezone.now())
        return f"The webhook works. {recreated.explanation}."

    return _act_on_own(request, connection_id, recreate, when_it_fails="Nothing was changed.")


@sensitive_post_parameters()
@sensitive_variables("form")
@require_http_methods(["GET", "HEAD", "POST"])
@permitted(Permission.CONNECTION_WRITE)
def connection_credentials(request: HttpRequest, connection_id: str) -> HttpResponse:
    """Fresh credentials of the same account, tried before they replace the old ones."""
    connection = _get_own(request, connection_id)
    form = CredentialsForm(request.POST or None, processor=connection.processor)
    if form.is_valid():
        try:
            change_connection(
                connection=connection,
                credentials=form.get_credentials(),
                by=get_user(request).public_id,
                now=timezone.now(),
            )
        except DomainError as error:
            add_fault(form, error)
        else:
            messages.success(request, f"{connection.name} has its new credentials.")
            return redirect("connection_list")
    context = {"form": form, "connection": connection}
    return render(request, "payments/connection_credentials.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permitted(Permission.CONNECTION_WRITE)
def connection_disconnect(request: HttpRequest, connection_id: str) -> HttpResponse:
    """GET asks whether it is meant."""
    connection = _get_own(request, connection_id)
    form = DisconnectForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            disconnect_account(
                connection=connection,
                by=get_user(request).public_id,
                reason=form.cleaned_data["reason"],
            )
        except DomainError as error:
            add_fault(form, error)
        else:
            messages.success(request, f"{connection.name} is disconnected.")
            return redirect("connection_list")
    context = {"form": form, "connection": connection}
    return render(request, "payments/connection_disconnect.html", context)


def _act_on_own(
    request: HttpRequest,
    connection_id: str,
    act: Callable[[Connection, str], str],
    *,
    when_it_fails: str = "",
) -> HttpResponse:
    """Act on an account as the person who is logged in; say what `act` returns, or its failure."""
    connection = _get_own(request, connection_id)
    try:
        done = act(connection, get_user(request).public_id)
    except DomainError as error:
        messages.error(request, f"{connection.name}: {error.message}. {when_it_fails}".rstrip())
    else:
        messages.success(request, done)
    return redirect("connection_list")


def _list_visible(request: HttpRequest) -> QuerySet[Connection]:
    return (
        Connection.objects.visible_to(get_user(request))
        .of_barbers()
        .listed()
        .in_environment(settings.ENVIRONMENT)
        .select_related("owner")
        .defer("sealed_credentials")
        .order_by("-pk")
    )


def _get_own(request: HttpRequest, connection_id: str) -> Connection:
    """Seeing an account is not enough to act on it: it must be the person's own."""
    own = _list_visible(request).filter(owner=get_own_barber(request))
    return get_object_or_404(own, public_id=connection_id)
