"""The way of a request through the simulator.

    read → journal → authenticate → [fault before] → idempotency → [fault instead]
         → operation (one transaction) → [fault after] → write

`VendorApi` is what Stripe and Square do in their own way; everything else is here, once.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Protocol

from processors.simulator.call import Call
from processors.simulator.faults import Faults
from processors.simulator.idempotency import Claim, KeyInUse, KeyReused
from processors.simulator.messages import Answer, Json, Request, VendorError
from processors.simulator.routing import Result, Route
from processors.simulator.schedule import DueTask
from processors.simulator.simulation import Simulation

log = logging.getLogger(__name__)

TaskOperation = Callable[[Call, str], None]


class VendorApi(Protocol):
    """How one vendor reads requests and writes answers. Every method may raise VendorError."""

    @property
    def prefix(self) -> str: ...
    @property
    def tasks(self) -> Mapping[str, TaskOperation]: ...

    def find_route(self, request: Request, path: str) -> tuple[Route, dict[str, str]]: ...
    def authenticate(self, simulation: Simulation, request: Request, call: "CallSeed") -> Call: ...
    def read_parameters(self, request: Request, route: Route) -> Json: ...
    def make_claim(self, request: Request, route: Route, call: Call, /) -> Claim | None: ...
    def replay(self, answer: Answer) -> Answer: ...
    def explain_key_in_use(self, claim: Claim) -> Answer: ...
    def explain_key_reused(self, claim: Claim) -> Answer: ...
    def present(self, call: Call, result: Result, /) -> Answer: ...
    def explain_crash(self, request_id: str) -> Answer: ...
    def finish(self, answer: Answer, call: Call | None, request_id: str, /) -> Answer: ...


@dataclass(frozen=True, slots=True)
class CallSeed:
    """What is known of a call before it is known who makes it."""

    now_ms: int
    parameters: Json
    ids: dict[str, str]
    base_url: str
    request_id: str


@dataclass(slots=True)
class _Exchange:
    """What the journal wants to know at the end."""

    request_id: str
    call: Call | None = None
    claim: Claim | None = None


class Pipeline:
    def __init__(self, simulation: Simulation, apis: tuple[VendorApi, ...], faults: Faults) -> None:
        self._simulation = simulation
        self._apis = apis
        self._faults = faults

    def owns(self, path: str) -> bool:
        return self._find_api(path) is not None

    def _find_api(self, path: str) -> VendorApi | None:
        return next((api for api in self._apis if path.startswith(api.prefix + "/")), None)

    def answer(self, request: Request) -> Answer:
        """Answer a request to a vendor's address. Never raises."""
        api = self._find_api(request.path)
        if api is None:
            raise ValueError(f"{request.path} belongs to no vendor")
        entry = self._simulation.requests.begin(request, self._simulation.clock.now_ms())
        exchange = _Exchange(request_id=f"req_{secrets.token_hex(7)}")
        answer = self._answer_safely(api, request, exchange)
        answer = api.finish(answer, exchange.call, exchange.request_id)
        account_id = exchange.call.account.account_id if exchange.call else None
        key = exchange.claim.key if exchange.claim else None
        self._simulation.requests.finish(entry, answer, account_id, key)
        return answer

    def _answer_safely(self, api: VendorApi, request: Request, exchange: _Exchange) -> Answer:
        try:
            return self._answer(api, request, exchange)
        except VendorError as error:
            return error.answer
        except Exception:
            log.exception("The simulator failed at %s %s", request.method, request.path)
            return api.explain_crash(exchange.request_id)

    def _answer(self, api: VendorApi, request: Request, exchange: _Exchange) -> Answer:
        self.run_due_tasks()
        path = request.path[len(api.prefix) :]
        route, ids = api.find_route(request, path)
        now_ms = self._simulation.clock.now_ms()
        seed = CallSeed(now_ms, {}, ids, request.base_url, exchange.request_id)
        exchange.call = api.authenticate(self._simulation, request, seed)
        parameters = api.read_parameters(request, route)
        exchange.call = call = replace(exchange.call, parameters=parameters)
        exchange.claim = claim = api.make_claim(request, route, call)
        fault = self._faults.before(call)
        if fault is not None:
            return fault
        answer = self._work(api, route, call, claim)
        return self._faults.after(call, answer)

    def _work(self, api: VendorApi, route: Route, call: Call, claim: Claim | None) -> Answer:
        if claim is None:
            return self._operate(api, route, call, None)
        try:
            with self._simulation.idempotency.hold(claim):
                remembered = self._simulation.idempotency.recall(claim, call.now_ms)
                if remembered is not None:
                    return api.replay(remembered)
                return self._operate(api, route, call, claim)
        except KeyInUse:
            return api.explain_key_in_use(claim)
        except KeyReused:
            return api.explain_key_reused(claim)

    def _operate(self, api: VendorApi, route: Route, call: Call, claim: Claim | None) -> Answer:
        # Outside the transaction: a fault may take its time, and nobody else should wait for it.
        fault = self._faults.instead(call)
        if fault is not None:
            self._remember(claim, fault, call)
            return fault
        try:
            with self._begin(route):
                answer = api.present(call, route.operation(call))
                self._remember(claim, answer, call)
                return answer
        except VendorError as error:
            if error.executed:
                self._remember(claim, error.answer, call)
            raise
        except Exception:
            log.exception("%s %s failed", route.method, route.pattern)
            answer = api.explain_crash(call.request_id or "")
            self._remember(claim, answer, call)
            return answer

    def _begin(self, route: Route) -> AbstractContextManager[None]:
        return self._simulation.store.transaction() if route.in_transaction else nullcontext()

    def _remember(self, claim: Claim | None, answer: Answer, call: Call) -> None:
        if claim is not None:
            self._simulation.idempotency.remember(claim, answer, call.now_ms)

    def run_due_tasks(self) -> None:
        """Do what the clock has made due, each task in a transaction of its own."""
        simulation = self._simulation
        now_ms = simulation.clock.now_ms()
        while simulation.schedule.is_anything_due(now_ms):
            due = None
            try:
                with simulation.store.transaction():
                    due = simulation.schedule.take_next(now_ms)
                    if due is not None:
                        self._run_task(due)
            except Exception:
                # One task that cannot be done must not fail every request from now on.
                log.exception("A due task failed and is dropped: %s", due)
                simulation.schedule.take_next(now_ms)

    def _run_task(self, due: DueTask) -> None:
        account = self._simulation.accounts.find(due.processor, due.account_id)
        api = next(each for each in self._apis if each.prefix == f"/{due.processor}")
        if account is None:
            return
        call = Call(self._simulation, account, account, due.due_ms, {}, {})
        api.tasks[due.task](call, due.object_id)
