"""Logging in with a password, for pages and the API alike, with one lockout for both."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.ratelimit import parse_rates
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from bookedbarber.foundation.errors import NotAllowed

from .models import User


class WrongLogin(NotAllowed):
    """The e-mail address or the password is wrong."""

    code = "INVALID_TOKEN"


class TooManyLogins(NotAllowed):
    """Too many failed logins; try again later."""

    code = "RATE_LIMIT_EXCEEDED"


class AccountAdapter(DefaultAccountAdapter):
    """People are invited; nobody signs up by himself."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def log_in(request: HttpRequest, *, email: str, password: str) -> User:
    """Check a password under the lockout.

    :raises WrongLogin: unknown address, wrong password, or a deactivated account.
    :raises TooManyLogins: too many failures for this address or account.
    """
    credentials: dict[str, Any] = {"email": email, "password": password}
    try:
        user = AccountAdapter(request).authenticate(request, **credentials)
    except ValidationError as error:
        raise TooManyLogins(retry_after=_get_lockout_seconds()) from error
    if not isinstance(user, User) or not user.is_active:
        raise WrongLogin()
    return user


def _get_lockout_seconds() -> int:
    """After this long without an attempt nobody is locked out any more."""
    limits = parse_rates(settings.LOGIN_FAILURE_LIMITS)
    return int(max((limit.duration for limit in limits), default=0))
