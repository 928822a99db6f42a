"""Who may come in at Square: accounts' own tokens, OAuth tokens, and applications' secrets."""

import secrets

from processors.simulator.accounts import Account
from processors.simulator.messages import Request, read_json
from processors.simulator.simulation import Simulation
from processors.simulator.square_api.oauth import unauthorized
from processors.simulator.vendor_api import CallSeed


def find_merchant(simulation: Simulation, token: str, seed: CallSeed) -> Account:
    """Whose token this is.

    :raises SquareError: 401, it is nobody's, was revoked, or has expired.
    """
    account = simulation.accounts.find_by_secret("square", token)
    return account or _find_by_oauth(simulation, token, seed.now_ms)


def _find_by_oauth(simulation: Simulation, text: str, now_ms: int) -> Account:
    token = simulation.authorizations.find_token("square", text)
    if token is None:
        raise unauthorized("This request could not be authorized.")
    if token.is_revoked:
        raise unauthorized("The access token has been revoked.", "ACCESS_TOKEN_REVOKED")
    if token.expires_ms is not None and token.expires_ms <= now_ms:
        raise unauthorized("The access token has expired.", "ACCESS_TOKEN_EXPIRED")
    account = simulation.accounts.find("square", token.authorization.account_id)
    if account is None:
        raise unauthorized("This request could not be authorized.")
    return account


def find_client(simulation: Simulation, request: Request, shown: str) -> Account:
    """The owner of the application whose id and secret are in the body, or secret in the header.

    :raises SquareError: 401, the application is unknown or its secret another one.
    """
    try:
        body = read_json(request.body)
    except ValueError:
        body = {}
    secret = shown or str(body.get("client_secret") or "")
    application = simulation.applications.find("square", str(body.get("client_id") or ""))
    if application is None or not _is_same(secret, application.client_secret):
        raise unauthorized("Not Authorized")
    owner = simulation.accounts.find("square", application.account_id)
    if owner is None:
        raise unauthorized("Not Authorized")
    return owner


def _is_same(shown: str, secret: str) -> bool:
    return secrets.compare_digest(shown.encode(), secret.encode())
