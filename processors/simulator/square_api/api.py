"""How Square reads requests and writes answers, whatever they are about.

Keys travel in the body: https://developer.squareup.com/docs/build-basics/common-api-patterns/idempotency.
The same key with the same body gets the first answer again, a decline too; with another body it is
refused. Of two at once the second waits for the first; 409 CONFLICT if that takes too long.
"""

from pydantic import BaseModel

from processors.simulator.call import Call
from processors.simulator.idempotency import Claim
from processors.simulator.messages import Answer, Json, Request, json_answer
from processors.simulator.request_journal import dump_parameters
from processors.simulator.routing import Result, Route
from processors.simulator.simulation import Simulation
from processors.simulator.square_api.access import find_client, find_merchant
from processors.simulator.square_api.answers import model_answer
from processors.simulator.square_api.bodies import read_body, read_query
from processors.simulator.square_api.errors import SquareError, describe_error
from processors.simulator.square_api.routes import ROUTES, TASKS
from processors.simulator.vendor_api import CallSeed

# Its key names another request; it has no key of its own.
_NOT_IDEMPOTENT = ("/v2/payments/cancel",)
# An application shows its own secret there.
_BY_CLIENTS = ("/square/oauth2/token", "/square/oauth2/revoke")


class SquareApi:
    prefix = "/square"
    tasks = TASKS

    def find_route(self, request: Request, path: str) -> tuple[Route, dict[str, str]]:
        found = ROUTES.find(request.method, path)
        if found is not None:
            return found
        if ROUTES.knows_path(path):
            raise SquareError(405, "METHOD_NOT_ALLOWED", f"{path} does not take {request.method}.")
        raise SquareError(404, "NOT_FOUND", f"The simulator does not know {path}.")

    def authenticate(self, simulation: Simulation, request: Request, seed: CallSeed) -> Call:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip()
        if request.path in _BY_CLIENTS:
            account = find_client(simulation, request, token if kind.lower() == "client" else "")
        else:
            account = find_merchant(simulation, token if kind.lower() == "bearer" else "", seed)
        return Call(
            simulation=simulation,
            caller=account,
            account=account,
            now_ms=seed.now_ms,
            parameters=seed.parameters,
            ids=seed.ids,
            base_url=seed.base_url,
            request_id=seed.request_id,
            access_token=token,
        )

    def read_parameters(self, request: Request, route: Route) -> Json:
        if request.method in ("GET", "DELETE"):
            return read_query(request, route.shape)
        return read_body(request, route.shape)

    def make_claim(self, request: Request, route: Route, call: Call) -> Claim | None:
        key = call.parameters.get("idempotency_key")
        if not key or route.pattern in _NOT_IDEMPOTENT:
            return None
        account_id = call.account.account_id
        fingerprint = dump_parameters(call.parameters)
        return Claim("square", account_id, request.path, key, fingerprint, waits_its_turn=True)

    def replay(self, answer: Answer) -> Answer:
        return answer

    def explain_key_in_use(self, claim: Claim) -> Answer:
        detail = f"A request with the key `{claim.key}` is still at work."
        return json_answer(409, {"errors": [describe_error("CONFLICT", detail)]})

    def explain_key_reused(self, claim: Claim) -> Answer:
        detail = f"Different request parameters used for the same idempotency_key: {claim.key}"
        error = describe_error("IDEMPOTENCY_KEY_REUSED", detail, field="idempotency_key")
        return json_answer(400, {"errors": [error]})

    def present(self, _call: Call, result: Result) -> Answer:
        if isinstance(result, Answer):
            return result
        if isinstance(result, BaseModel):
            return model_answer(200, result)
        raise TypeError("Square's operations answer with the SDK's response models.")

    def explain_crash(self, request_id: str) -> Answer:
        detail = f"An error occurred inside the simulator; its log has it. ({request_id})"
        error = describe_error("INTERNAL_SERVER_ERROR", detail, category="API_ERROR")
        return json_answer(500, {"errors": [error]})

    def finish(self, answer: Answer, _call: Call | None, request_id: str) -> Answer:
        return answer.with_headers(X_Request_Id=request_id)
