"""Our platform at Stripe Connect: standard accounts that their owners connect by OAuth.

Source: https://docs.stripe.com/connect/oauth-reference
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from bookedbarber.foundation.errors import DomainError
from processors.adapters.stripe import refusals
from processors.adapters.stripe.client import Answer, StripeClient
from processors.adapters.stripe.refusals import ErrorAnswer
from processors.contract import AccountAccess, Grant
from processors.errors import ApplicationRefused, CredentialsRefused, RequestRefused
from processors.transport import AccountCalls, time_limit
from processors.transport.answers import check, find_code, find_text, get_bool, get_text

SCOPE = "read_write"
PRODUCTION = "production"

_REFUSALS: dict[str, type[DomainError]] = {
    "invalid_client": ApplicationRefused,
    "invalid_grant": RequestRefused,
    "invalid_request": RequestRefused,
    "invalid_scope": RequestRefused,
    "unsupported_grant_type": RequestRefused,
    "unsupported_response_type": RequestRefused,
}


class StripeApplication:
    """The platform as an OAuth application. Its secret is the platform's secret key.

    Access lasts until it is taken away, so nothing expires; a renewal gives fresh tokens.
    """

    @property
    def is_configured(self) -> bool:
        return bool(settings.STRIPE_CLIENT_ID and settings.STRIPE_SECRET_KEY)

    def get_own_access(self) -> AccountAccess:
        return AccountAccess(
            processor="stripe",
            environment=settings.ENVIRONMENT,
            account_id=settings.STRIPE_ACCOUNT_ID,
            credentials={"secret_key": settings.STRIPE_SECRET_KEY},
        )

    def get_authorize_url(self, *, state: str, redirect_url: str) -> str:
        return _build_client().get_authorize_url(
            {
                "client_id": settings.STRIPE_CLIENT_ID,
                "response_type": "code",
                "scope": SCOPE,
                "state": state,
                "redirect_uri": redirect_url,
            }
        )

    def exchange_code(
        self,
        code: str,
        *,
        redirect_url: str,  # noqa: ARG002 - Stripe asks for it once, on the page
    ) -> Grant:
        return _obtain({"grant_type": "authorization_code", "code": code})

    def refresh(self, credentials: Mapping[str, str]) -> Grant:
        token = credentials.get("refresh_token", "")
        if not token:
            raise RequestRefused("The account's refresh token is missing")
        return _obtain({"grant_type": "refresh_token", "refresh_token": token})

    def revoke(
        self,
        account_id: str,
        credentials: Mapping[str, str],  # noqa: ARG002 - Stripe goes by the account
    ) -> None:
        form = {"client_id": settings.STRIPE_CLIENT_ID, "stripe_user_id": account_id}
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = _build_client().deauthorize(form)
        if not isinstance(answer, ErrorAnswer):
            check(answer.get("stripe_user_id") == account_id, "stripe_user_id")
            return
        failure = _to_failure(answer)
        # Stripe's word for an account that is not connected to us (any more).
        if not isinstance(failure, ApplicationRefused):
            raise failure


def _obtain(form: dict[str, Any]) -> Grant:
    with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
        answer = _build_client().obtain_token({**form, "client_secret": settings.STRIPE_SECRET_KEY})
    return _to_grant(answer)


def _to_grant(answer: Answer) -> Grant:
    if isinstance(answer, ErrorAnswer):
        raise _to_failure(answer)
    is_live = get_bool(answer, "livemode")
    if is_live != (settings.ENVIRONMENT == PRODUCTION):
        raise CredentialsRefused(f"This access is not for {settings.ENVIRONMENT}")
    return Grant(
        account_id=get_text(answer, "stripe_user_id"),
        credentials={
            "secret_key": get_text(answer, "access_token"),
            "refresh_token": get_text(answer, "refresh_token"),
        },
        scopes=tuple(find_text(answer, "scope").split()),
    )


def _to_failure(answer: ErrorAnswer) -> DomainError:
    """OAuth's errors are words where Stripe's own are objects."""
    body = answer.body if isinstance(answer.body, Mapping) else {}
    word = find_code(body, "error")
    refusal = _REFUSALS.get(word)
    if refusal is None or answer.status not in {400, 401, 403}:
        return refusals.to_failure(answer)
    return refusal(status=answer.status, processor_code=word)


def _build_client() -> StripeClient:
    access = AccountAccess(
        processor="stripe",
        environment=settings.ENVIRONMENT,
        account_id="application",
        credentials={},
    )
    return StripeClient(settings.STRIPE_SECRET_KEY, AccountCalls(access))
