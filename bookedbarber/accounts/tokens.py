"""JSON web tokens: who the bearer is and what he may do."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import RefreshToken, Token
from rest_framework_simplejwt.utils import get_md5_hash_password

from bookedbarber.foundation.errors import NotAllowed

from .models import User
from .roles import get_permissions


class RefreshTokenRefused(NotAllowed):
    """The refresh token is expired, revoked or not ours."""

    code = "INVALID_TOKEN"


@dataclass(frozen=True, slots=True)
class TokenPair:
    access: str
    refresh: str
    expires_in: int
    """Seconds until the access token expires."""


def issue_tokens(user: User) -> TokenPair:
    refresh = RefreshToken.for_user(user)
    refresh["email"] = user.email
    refresh["role"] = user.role
    refresh["permissions"] = get_permissions(user.role)
    refresh["scopes"] = []
    lifetime: timedelta = settings.SIMPLE_JWT["ACCESS_TOKEN_LIFETIME"]  # type: ignore[assignment]
    return TokenPair(str(refresh.access_token), str(refresh), int(lifetime.total_seconds()))


def refresh_tokens(refresh: str) -> TokenPair:
    """Exchange a refresh token for a new pair; the old one is spent.

    :raises RefreshTokenRefused: it cannot be used, its person was deactivated, or the password
        was changed since.
    """
    spent = _read(refresh)
    user = User.objects.filter(public_id=spent["sub"], is_active=True).first()
    if user is None or not is_of_present_password(spent, user):
        raise RefreshTokenRefused()
    is_ours: bool = spent.blacklist()[1]  # type: ignore[index]
    if not is_ours:  # two exchanged it at once
        raise RefreshTokenRefused()
    return issue_tokens(user)


def is_of_present_password(token: Token, user: User) -> bool:
    """Whether the password is still the one under which the token was issued."""
    mark = token.get(api_settings.REVOKE_TOKEN_CLAIM)
    return bool(mark == get_md5_hash_password(user.password))


def revoke_token(refresh: str) -> None:
    """
    :raises RefreshTokenRefused: it is not a live refresh token.
    """
    _read(refresh).blacklist()


def _read(refresh: str) -> RefreshToken:
    try:
        return RefreshToken(refresh)  # type: ignore[arg-type]
    except TokenError as error:
        raise RefreshTokenRefused() from error
