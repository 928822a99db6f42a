"""Square's OAuth, code flow: https://developer.squareup.com/docs/oauth-api/overview.

Access tokens end after 30 days (24 hours when short-lived); the refresh token stays the same and
gives new ones, while older ones stay good until they end.
"""

import uuid

from square.o_auth.client import OAuthClient
from square.types.obtain_token_response import ObtainTokenResponse
from square.types.retrieve_token_status_response import RetrieveTokenStatusResponse
from square.types.revoke_token_response import RevokeTokenResponse

from processors.simulator.applications import Application
from processors.simulator.authorizations import Authorization
from processors.simulator.call import Call
from processors.simulator.identifiers import to_iso
from processors.simulator.messages import Json
from processors.simulator.objects import dump
from processors.simulator.routing import Route
from processors.simulator.square_api import events
from processors.simulator.square_api.answers import respond
from processors.simulator.square_api.bodies import shape_of
from processors.simulator.square_api.errors import SquareError, bad_request, not_found

_KIND = "bearer"
_DAY_MS = 24 * 60 * 60 * 1000
_TOKEN_MS = 30 * _DAY_MS


def unauthorized(detail: str, code: str = "UNAUTHORIZED") -> SquareError:
    return SquareError(401, code, detail, category="AUTHENTICATION_ERROR")


def get_application(call: Call) -> Application:
    """The application that shows its id and secret; authentication has compared them."""
    client_id = call.parameters.get("client_id") or ""
    application = call.simulation.applications.find("square", client_id)
    if application is None:
        raise unauthorized(f"There is no application {client_id}.")
    return application


def obtain_token(call: Call) -> ObtainTokenResponse:
    """Exchange a code, or refresh.

    :raises SquareError: the code or refresh token is wrong, used, expired, or somebody else's.
    """
    grant_type = call.parameters["grant_type"]
    if grant_type == "authorization_code":
        return _answer(call, _exchange(call))
    if grant_type == "refresh_token":
        return _answer(call, _refresh(call))
    raise bad_request(f"`{grant_type}` is no grant type the simulator knows.", field="grant_type")


def _exchange(call: Call) -> Authorization:
    given = call.parameters.get("code")
    if not given:
        detail = "Field must be set: code"
        raise SquareError(400, "MISSING_REQUIRED_PARAMETER", detail, field="code")
    application = get_application(call)
    code = call.simulation.authorizations.find_code("square", given)
    if code is None or code.client_id != application.client_id:
        raise unauthorized(f"Authorization code not found for app [{application.client_id}]")
    if code.used_by is not None:
        raise unauthorized("Authorization code is already claimed.")
    if code.expires_ms <= call.now_ms:
        raise unauthorized("Authorization code has expired.")
    if call.parameters.get("redirect_uri", code.redirect_uri) != code.redirect_uri:
        raise unauthorized("The redirect_uri is not the one the code was given for.")
    return call.simulation.authorizations.exchange(code, call.now_ms)


def _refresh(call: Call) -> Authorization:
    application = get_application(call)
    given = call.parameters.get("refresh_token") or ""
    found = call.simulation.authorizations.find_by_refresh_token("square", given)
    if found is None or found.client_id != application.client_id:
        raise unauthorized("The refresh token was not found.")
    if found.revoked_ms is not None:
        raise unauthorized("The refresh token has been revoked.")
    return found


def _answer(call: Call, authorization: Authorization) -> ObtainTokenResponse:
    is_short_lived = bool(call.parameters.get("short_lived"))
    expires_ms = call.now_ms + (_DAY_MS if is_short_lived else _TOKEN_MS)
    return respond(
        ObtainTokenResponse,
        access_token=call.simulation.authorizations.issue_token(authorization, expires_ms),
        token_type=_KIND,
        expires_at=to_iso(expires_ms),
        merchant_id=authorization.account_id,
        refresh_token=authorization.refresh_token,
        short_lived=is_short_lived,
    )


def show_token(call: Call) -> RetrieveTokenStatusResponse:
    """Whose the token is, what for and until when; an account's own token never ends."""
    token = call.access_token and call.simulation.authorizations.find_token(
        "square", call.access_token
    )
    status: Json = {"merchant_id": call.account.account_id, "scopes": []}
    if token:
        status["client_id"] = token.authorization.client_id
        status["scopes"] = token.authorization.scope.split()
        status["expires_at"] = to_iso(token.expires_ms or 0)
    return respond(RetrieveTokenStatusResponse, **status)


def revoke_token(call: Call) -> RevokeTokenResponse:
    """End the authorization of a merchant or of the one a token belongs to, or only the token.

    :raises SquareError: 404, the application has no such token or merchant.
    """
    application, given = get_application(call), call.parameters
    authorizations = call.simulation.authorizations
    merchant_id, token_text = given.get("merchant_id"), given.get("access_token")
    if token_text:
        token = authorizations.find_token("square", token_text)
        if token is None or token.authorization.client_id != application.client_id:
            raise not_found("access token", "***")
        merchant_id = token.authorization.account_id
        if given.get("revoke_only_access_token"):
            authorizations.revoke_token(token_text, call.now_ms)
            return RevokeTokenResponse(success=True)
    if not revoke(call, application, merchant_id or "", revoker="APPLICATION"):
        raise not_found("merchant", merchant_id or "")
    return RevokeTokenResponse(success=True)


def revoke(call: Call, application: Application, account_id: str, *, revoker: str) -> bool:
    """End the authorization and tell the application; False when there is none."""
    authorizations = call.simulation.authorizations
    live = authorizations.find_live("square", application.client_id, account_id)
    if live is None:
        return False
    body = {
        "id": str(uuid.uuid4()),
        "revoked_at": to_iso(call.now_ms),
        "revoker_type": revoker,
    }
    # First the event: who has lost access is told, and then hears no more.
    events.record_on(call, account_id, "oauth.authorization.revoked", body, dump(body))
    authorizations.revoke(live, call.now_ms)
    return True


OAUTH_ROUTES = [
    Route("POST", "/oauth2/token", obtain_token, shape_of(OAuthClient.obtain_token)),
    Route("POST", "/oauth2/token/status", show_token, shape_of(OAuthClient.retrieve_token_status)),
    Route("POST", "/oauth2/revoke", revoke_token, shape_of(OAuthClient.revoke_token)),
]
