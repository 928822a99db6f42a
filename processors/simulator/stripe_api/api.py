"""How Stripe reads requests and writes answers, whatever they are about.

Keys: https://docs.stripe.com/api/idempotent_requests. A repeated key gets the stored answer with
`Idempotent-Replayed: true`, a stored 500 too; what was refused before work began is not stored.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from urllib.parse import parse_qsl

from pydantic import BaseModel

from processors.simulator.accounts import Account, mask
from processors.simulator.call import Call
from processors.simulator.idempotency import Claim
from processors.simulator.messages import Answer, Json, Request, json_answer
from processors.simulator.request_journal import dump_parameters
from processors.simulator.routing import Result, Route
from processors.simulator.simulation import Simulation
from processors.simulator.stripe_api import accounts
from processors.simulator.stripe_api.errors import StripeError, error_answer, invalid
from processors.simulator.stripe_api.events import API_VERSION
from processors.simulator.stripe_api.expansion import expand
from processors.simulator.stripe_api.forms import read_form
from processors.simulator.stripe_api.oauth import OAuthError
from processors.simulator.stripe_api.routes import ROUTES, TASKS
from processors.simulator.vendor_api import CallSeed

_LONGEST_KEY = 255
_OAUTH = "/stripe/oauth/"


class StripeApi:
    prefix = "/stripe"
    tasks = TASKS

    def find_route(self, request: Request, path: str) -> tuple[Route, dict[str, str]]:
        found = ROUTES.find(request.method, path)
        if found is None:
            message = f"Unrecognized request URL ({request.method}: {path}). "
            raise StripeError(404, message + "The simulator does not know it.")
        return found

    def authenticate(self, simulation: Simulation, request: Request, seed: CallSeed) -> Call:
        if request.path.startswith(_OAUTH):
            caller = account = _find_client(simulation, request)
        else:
            caller = _find_caller(simulation, request)
            account = _find_account(simulation, request, caller)
        return Call(
            simulation=simulation,
            caller=caller,
            account=account,
            now_ms=seed.now_ms,
            parameters=seed.parameters,
            ids=seed.ids,
            base_url=seed.base_url,
            request_id=seed.request_id,
            idempotency_key=request.headers.get("idempotency-key"),
        )

    def read_parameters(self, request: Request, route: Route) -> Json:
        in_query = request.method in ("GET", "DELETE")
        text = request.query if in_query else request.body.decode(errors="replace")
        return read_form(text, route.shape)

    def make_claim(self, request: Request, _route: Route, call: Call) -> Claim | None:
        key = call.idempotency_key
        if request.method != "POST" or not key:
            return None
        if len(key) > _LONGEST_KEY:
            raise invalid(f"Idempotency keys have at most {_LONGEST_KEY} characters.")
        # One key belongs to one address: the same key elsewhere is another request.
        fingerprint = f"{request.path} {dump_parameters(call.parameters)}"
        account_id = call.account.account_id
        return Claim("stripe", account_id, "", key, fingerprint, waits_its_turn=False)

    def replay(self, answer: Answer) -> Answer:
        return answer.with_headers(Idempotent_Replayed="true")

    def explain_key_in_use(self, claim: Claim) -> Answer:
        return error_answer(
            409,
            "There is currently another in-progress request using this Idempotent Key "
            f"({claim.key}). Please try again later.",
            error_type="idempotency_error",
            code="idempotency_key_in_use",
        )

    def explain_key_reused(self, claim: Claim) -> Answer:
        return error_answer(
            400,
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. Try using a key other than '{claim.key}' if you meant to execute "
            "a different request.",
            error_type="idempotency_error",
        )

    def present(self, call: Call, result: Result) -> Answer:
        if isinstance(result, Answer):
            return result
        if isinstance(result, BaseModel):
            raise TypeError("Stripe's operations answer JSON objects.")
        return json_answer(200, expand(call, result, call.parameters.get("expand") or []))

    def explain_crash(self, request_id: str) -> Answer:
        message = f"An error occurred inside the simulator; its log has it. ({request_id})"
        return error_answer(500, message, error_type="api_error")

    def finish(self, answer: Answer, call: Call | None, request_id: str) -> Answer:
        headers = {"Request_Id": request_id, "Stripe_Version": API_VERSION}
        if call is not None and call.idempotency_key:
            headers["Idempotency_Key"] = call.idempotency_key
        return answer.with_headers(**headers)


def _find_caller(simulation: Simulation, request: Request) -> Account:
    secret = _read_secret(request.headers.get("authorization", ""))
    if not secret:
        message = "You did not provide an API key. Put it into the Authorization header."
        raise StripeError(401, message)
    caller = simulation.accounts.find_by_secret("stripe", secret)
    caller = caller or _find_by_token(simulation, secret)
    if caller is None:
        message = f"Invalid API Key provided: {mask(secret)}"
        raise StripeError(401, message)
    return caller


def _find_by_token(simulation: Simulation, secret: str) -> Account | None:
    """Whose access token this is; at Stripe it is as good as the account's key.

    :raises StripeError: 401, it was revoked.
    """
    token = simulation.authorizations.find_token("stripe", secret)
    if token is None:
        return None
    if token.is_revoked:
        message = f"Expired API Key provided: {mask(secret)}. Access may have been revoked."
        raise StripeError(401, message, code="api_key_expired")
    return simulation.accounts.find("stripe", token.authorization.account_id)


def _find_client(simulation: Simulation, request: Request) -> Account:
    """The platform that shows its key as the client secret.

    :raises OAuthError: 401, it is nobody's.
    """
    form = dict(parse_qsl(request.body.decode(errors="replace")))
    secret = form.get("client_secret") or _read_secret(request.headers.get("authorization", ""))
    caller = simulation.accounts.find_by_secret("stripe", secret) if secret else None
    if caller is None:
        description = f"Invalid API key provided: '{mask(secret)}'."
        raise OAuthError("invalid_client", description, status=401)
    return caller


def _read_secret(authorization: str) -> str:
    """Stripe takes the key as a bearer token or as the user of basic authentication."""
    kind, _, value = authorization.partition(" ")
    if kind.lower() == "basic":
        try:
            return b64decode(value).decode().partition(":")[0]
        except (NotBase64, UnicodeDecodeError):
            return ""
    return value.strip() if kind.lower() == "bearer" else ""


def _find_account(simulation: Simulation, request: Request, caller: Account) -> Account:
    """The caller's own account, or the connected one that Stripe-Account names."""
    account_id = request.headers.get("stripe-account")
    if not account_id:
        return caller
    account = simulation.accounts.find("stripe", account_id)
    if account is None or not accounts.is_reachable(simulation, caller, account):
        raise accounts.refuse(caller, account_id)
    return account
