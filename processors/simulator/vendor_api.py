"""What Stripe and Square each do in their own way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from processors.simulator.call import Call
from processors.simulator.idempotency import Claim
from processors.simulator.messages import Answer, Json, Request
from processors.simulator.routing import Result, Route
from processors.simulator.simulation import Simulation

TaskOperation = Callable[[Call, str], None]


@dataclass(frozen=True, slots=True)
class CallSeed:
    """What is known of a call before it is known who makes it."""

    now_ms: int
    parameters: Json
    ids: dict[str, str]
    base_url: str
    request_id: str


class VendorApi(Protocol):
    """How one vendor reads requests and writes answers. Every method may raise VendorError."""

    @property
    def prefix(self) -> str: ...
    @property
    def tasks(self) -> Mapping[str, TaskOperation]: ...

    def find_route(self, request: Request, path: str) -> tuple[Route, dict[str, str]]: ...
    def authenticate(self, simulation: Simulation, request: Request, call: CallSeed) -> Call: ...
    def read_parameters(self, request: Request, route: Route) -> Json: ...
    def make_claim(self, request: Request, route: Route, call: Call, /) -> Claim | None: ...
    def replay(self, answer: Answer) -> Answer: ...
    def explain_key_in_use(self, claim: Claim) -> Answer: ...
    def explain_key_reused(self, claim: Claim) -> Answer: ...
    def present(self, call: Call, result: Result, /) -> Answer: ...
    def explain_crash(self, request_id: str) -> Answer: ...
    def finish(self, answer: Answer, call: Call | None, request_id: str, /) -> Answer: ...
