"""Who may see which page."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from bookedbarber.accounts.models import Barber, User
from bookedbarber.accounts.roles import Permission

View: TypeAlias = Callable[..., HttpResponse]


def permitted(permission: Permission) -> Callable[[View], View]:
    """People who are logged in and whose role carries the permission; others get 403."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not get_user(request).may(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return login_required(guarded)

    return decorate


def get_user(request: HttpRequest) -> User:
    return cast(User, request.user)


def get_own_barber(request: HttpRequest) -> Barber:
    """
    :raises PermissionDenied: this person is no barber.
    """
    barber = getattr(request.user, "barber", None)
    if not isinstance(barber, Barber):
        raise PermissionDenied
    return barber
