"""Connecting an account by OAuth: to the processor's page and back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from bookedbarber.accounts.roles import Permission
from bookedbarber.foundation.errors import DomainError

from ..operations.authorizations import (
    AuthorizationAnswer,
    finish_authorization,
    start_authorization,
)
from .people import get_own_barber, get_user, permitted


@require_POST
@permitted(Permission.CONNECTION_WRITE)
def authorization_start(request: HttpRequest, processor: str) -> HttpResponse:
    try:
        begun = start_authorization(
            barber=get_own_barber(request),
            processor=processor,
            by=get_user(request).public_id,
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, f"{error.message}.")
        return redirect("connection_list")
    return redirect(begun.authorize_url)


@sensitive_variables("answer")
@require_safe
@permitted(Permission.CONNECTION_WRITE)
def authorization_callback(request: HttpRequest, processor: str) -> HttpResponse:
    """Where the processor sends the person back to; who is logged in must have begun it."""
    given = request.GET
    answer = AuthorizationAnswer(
        state=given.get("state", ""),
        code=given.get("code", ""),
        error=given.get("error", ""),
        explanation=given.get("error_description", ""),
    )
    by = get_user(request).public_id
    try:
        connection = finish_authorization(
            processor=processor, answer=answer, by=by, now=timezone.now()
        )
    except DomainError as error:
        messages.error(request, f"{error.message.removeprefix('state: ')}.")
    else:
        messages.success(request, f"{connection.name} is connected.")
    return redirect("connection_list")
