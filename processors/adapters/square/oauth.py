"""Our application at Square: sellers connect their accounts to it by OAuth.

Source: https://developer.squareup.com/docs/oauth-api/overview
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from bookedbarber.foundation.errors import DomainError
from processors.adapters.square import refusals
from processors.adapters.square.client import PRODUCTION, Answer, SquareClient, get_base_url
from processors.adapters.square.refusals import ErrorAnswer
from processors.contract import AccountAccess, Grant, TokenStatus
from processors.errors import CredentialsRefused, RequestRefused
from processors.transport import AccountCalls, time_limit
from processors.transport.answers import (
    check,
    find_code,
    find_text,
    get_moment_of_text,
    get_text,
    is_list_of_texts,
)

# What taking payments, giving them back, reading all that moves money and hearing of it needs.
SCOPES = (
    "MERCHANT_PROFILE_READ",
    "PAYMENTS_READ",
    "PAYMENTS_WRITE",
    "ORDERS_READ",
    "SETTLEMENTS_READ",
    "PAYOUTS_READ",
    "DISPUTES_READ",
    "CUSTOMERS_READ",
)


class SquareApplication:
    """The application of the code flow: its tokens last 30 days, what renews them for ever."""

    @property
    def is_configured(self) -> bool:
        return bool(settings.SQUARE_APPLICATION_ID and settings.SQUARE_APPLICATION_SECRET)

    def get_own_access(self) -> AccountAccess:
        return AccountAccess(
            processor="square",
            environment=settings.ENVIRONMENT,
            account_id="application",
            credentials={"access_token": settings.SQUARE_APPLICATION_TOKEN},
        )

    def get_authorize_url(self, *, state: str, redirect_url: str) -> str:
        parameters = {
            "client_id": settings.SQUARE_APPLICATION_ID,
            "scope": " ".join(SCOPES),
            "state": state,
            "redirect_uri": redirect_url,
        }
        if settings.ENVIRONMENT == PRODUCTION:
            parameters["session"] = "false"  # Square's sandbox does not take it
        return f"{get_base_url(settings.ENVIRONMENT)}/oauth2/authorize?{urlencode(parameters)}"

    def exchange_code(self, code: str, *, redirect_url: str) -> Grant:
        return _obtain(
            {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_url}
        )

    def refresh(self, credentials: Mapping[str, str]) -> Grant:
        token = credentials.get("refresh_token", "")
        if not token:
            raise RequestRefused("The account's refresh token is missing")
        return _obtain({"grant_type": "refresh_token", "refresh_token": token})

    def revoke(
        self,
        account_id: str,
        credentials: Mapping[str, str],  # noqa: ARG002 - a token may have expired meanwhile
    ) -> None:
        body = {"client_id": settings.SQUARE_APPLICATION_ID, "merchant_id": account_id}
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = _build_client().revoke_token(
                body, application_secret=settings.SQUARE_APPLICATION_SECRET
            )
        if not isinstance(answer, ErrorAnswer):
            check(answer.get("success") is True, "success")
        elif answer.status != 404:  # nothing is left to revoke
            raise _to_failure(answer)


def to_token_status(answer: Mapping[str, Any]) -> TokenStatus:
    """
    :raises NotUnderstood: it does not say what it must.
    """
    scopes = answer.get("scopes") or []
    check(is_list_of_texts(scopes), "scopes")
    return TokenStatus(
        account_id=get_text(answer, "merchant_id"),
        scopes=tuple(scopes),
        expires_at=get_moment_of_text(answer, "expires_at")
        if find_text(answer, "expires_at")
        else None,
    )


def _obtain(body: dict[str, Any]) -> Grant:
    ours = {
        "client_id": settings.SQUARE_APPLICATION_ID,
        "client_secret": settings.SQUARE_APPLICATION_SECRET,
    }
    with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
        return _to_grant(_build_client().obtain_token({**body, **ours}))


def _to_grant(answer: Answer) -> Grant:
    if isinstance(answer, ErrorAnswer):
        raise _to_failure(answer)
    return Grant(
        account_id=get_text(answer, "merchant_id"),
        credentials={
            "access_token": get_text(answer, "access_token"),
            "refresh_token": get_text(answer, "refresh_token"),
        },
        expires_at=get_moment_of_text(answer, "expires_at"),
    )


def _to_failure(answer: ErrorAnswer) -> DomainError:
    """Beside its usual errors Square has an older shape here: {"type": …, "message": …}."""
    body = answer.body if isinstance(answer.body, Mapping) else {}
    word = find_code(body, "type")
    if answer.get_errors() or not word:
        return refusals.to_failure(answer)
    if answer.status == 400:
        return RequestRefused(status=400, processor_code=word)
    if answer.status in {401, 403}:
        return CredentialsRefused(status=answer.status, processor_code=word)
    return refusals.to_failure(answer)


def _build_client() -> SquareClient:
    access = AccountAccess(
        processor="square",
        environment=settings.ENVIRONMENT,
        account_id="application",
        credentials={},
    )
    secret = settings.SQUARE_APPLICATION_SECRET
    return SquareClient(secret, AccountCalls(access), environment=settings.ENVIRONMENT)
