"""Stripe Connect's OAuth: https://docs.stripe.com/connect/oauth-reference.

The client secret is the platform's key, in the Authorization header or in the form. Refusals have
OAuth's shape: `{"error": "invalid_grant", "error_description": "…"}`.
"""

from typing import NotRequired

from typing_extensions import TypedDict

from processors.simulator.applications import Application
from processors.simulator.authorizations import Authorization, Code
from processors.simulator.call import Call
from processors.simulator.messages import Json, VendorError, json_answer
from processors.simulator.objects import dump
from processors.simulator.routing import Route
from processors.simulator.stripe_api import events
from processors.simulator.stripe_api.forms import shape_of


class _TokenForm(TypedDict):
    grant_type: str
    client_id: NotRequired[str]
    client_secret: NotRequired[str]
    code: NotRequired[str]
    refresh_token: NotRequired[str]
    scope: NotRequired[str]


class _DeauthorizeForm(TypedDict):
    client_id: str
    stripe_user_id: str
    client_secret: NotRequired[str]


class OAuthError(VendorError):
    """A refusal in OAuth's words."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        body = {"error": error, "error_description": description}
        super().__init__(json_answer(status, body))


def obtain_token(call: Call) -> Json:
    """Exchange a code, or refresh.

    :raises OAuthError: the code or refresh token is wrong, used, expired, or somebody else's.
    """
    grant_type = call.parameters["grant_type"]
    if grant_type == "authorization_code":
        return _describe(call, _exchange(call))
    if grant_type == "refresh_token":
        return _describe(call, _refresh(call))
    raise OAuthError("unsupported_grant_type", f"Invalid grant_type: {grant_type}")


def _exchange(call: Call) -> Authorization:
    given = call.parameters.get("code")
    if not given:
        raise OAuthError("invalid_request", "No authorization code provided")
    code = call.simulation.authorizations.find_code("stripe", given)
    if code is None:
        raise OAuthError("invalid_grant", f"Authorization code does not exist: {given}")
    application = _get_application(call, code.client_id)
    if code.used_by is not None:
        raise OAuthError("invalid_grant", "This authorization code has already been used.")
    if code.expires_ms <= call.now_ms:
        raise OAuthError("invalid_grant", f"Authorization code expired: {given}")
    authorization = call.simulation.authorizations.exchange(code, call.now_ms)
    record(call, application, authorization.account_id, "authorized")
    return authorization


def refuse_used_code(call: Call) -> None:
    """Outside the exchange's transaction, because Stripe revokes what a used code had given.

    :raises OAuthError: the code was used before.
    """
    given = call.parameters.get("code")
    code = call.simulation.authorizations.find_code("stripe", given) if given else None
    if code is None or code.used_by is None:
        return
    _revoke_of(call, code)
    raise OAuthError(
        "invalid_grant",
        "This authorization code has already been used. All tokens issued with this code have "
        "been revoked.",
    )


def _revoke_of(call: Call, code: Code) -> None:
    simulation = call.simulation
    _get_application(call, code.client_id)
    authorization = simulation.authorizations.find_by_sequence(code.used_by or 0)
    if authorization is not None:
        with simulation.store.transaction():
            simulation.authorizations.revoke(authorization, call.now_ms)


def exchange_once(call: Call) -> Json:
    """The token's address: a used code is refused, and what it gave is taken back."""
    refuse_used_code(call)
    with call.simulation.store.transaction():
        return obtain_token(call)


def _get_application(call: Call, client_id: str) -> Application:
    application = call.simulation.applications.find("stripe", client_id)
    if application is None or application.account_id != call.caller.account_id:
        raise OAuthError("invalid_grant", "Authorization code provided does not belong to you")
    return application


def _refresh(call: Call) -> Authorization:
    given = call.parameters.get("refresh_token") or ""
    found = call.simulation.authorizations.find_by_refresh_token("stripe", given)
    if found is None or found.revoked_ms is not None:
        raise OAuthError("invalid_grant", "The refresh token does not exist or was revoked")
    _get_application(call, found.client_id)
    return found


def _describe(call: Call, authorization: Authorization) -> Json:
    """Stripe's tokens do not expire."""
    account_id = authorization.account_id
    return {
        "access_token": call.simulation.authorizations.issue_token(authorization, None),
        "livemode": False,
        "refresh_token": authorization.refresh_token,
        "scope": authorization.scope,
        "stripe_publishable_key": f"pk_test_{account_id}",
        "stripe_user_id": account_id,
        "token_type": "bearer",
    }


def deauthorize(call: Call) -> Json:
    """Give the access up.

    :raises OAuthError: 401, the application is unknown or not connected to the account.
    """
    client_id, account_id = call.parameters["client_id"], call.parameters["stripe_user_id"]
    application = call.simulation.applications.find("stripe", client_id)
    if application is None or application.account_id != call.caller.account_id:
        raise OAuthError("invalid_client", f"No such application: '{client_id}'", status=401)
    if not revoke(call, application, account_id):
        description = (
            f"This application is not connected to stripe account '{account_id}', "
            "or that account does not exist."
        )
        raise OAuthError("invalid_client", description, status=401)
    return {"stripe_user_id": account_id}


def revoke(call: Call, application: Application, account_id: str) -> bool:
    """End the authorization and tell the platform; False when there is none."""
    authorizations = call.simulation.authorizations
    live = authorizations.find_live("stripe", application.client_id, account_id)
    if live is None:
        return False
    # First the event: who has lost access is told, and then hears no more.
    record(call, application, account_id, "deauthorized")
    authorizations.revoke(live, call.now_ms)
    return True


def record(call: Call, application: Application, account_id: str, what: str) -> None:
    """Record `account.application.<what>` on the connected account."""
    body = {"id": application.client_id, "object": "application", "name": application.name}
    events.record_on(call, account_id, f"account.application.{what}", body, snapshot=dump(body))


OAUTH_ROUTES = [
    Route("POST", "/oauth/token", exchange_once, shape_of(_TokenForm), in_transaction=False),
    Route("POST", "/oauth/deauthorize", deauthorize, shape_of(_DeauthorizeForm)),
]
