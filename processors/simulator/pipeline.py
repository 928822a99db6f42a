"""The way of a request through the simulator.

    read → journal → authenticate → [fault before] → idempotency → [fault instead, or late]
         → operation (one transaction) → [fault stored] → [fault after] → write

What Stripe and Square do in their own way is `vendor_api.VendorApi`; everything else is here, once.
"""

import logging
import secrets
from dataclasses import dataclass, replace

from processors.simulator.call import Call
from processors.simulator.due_work import DueWork
from processors.simulator.execution import Execution
from processors.simulator.faults.seam import NO_FAULTS, Fault, Faults, Sighting
from processors.simulator.idempotency import Claim, KeyInUse, KeyReused
from processors.simulator.messages import Answer, Request, VendorError
from processors.simulator.routing import Route
from processors.simulator.simulation import Simulation
from processors.simulator.vendor_api import CallSeed, VendorApi

log = logging.getLogger(__name__)

# What a late call is answered before its fault keeps the answer back.
_POSTPONED = Answer(202, b"")


@dataclass(slots=True)
class _Exchange:
    """A request on its way, and what the journal wants to know at the end."""

    request: Request
    sequence: int
    request_id: str
    call: Call | None = None
    claim: Claim | None = None
    fault: Fault = NO_FAULTS


class Pipeline:
    def __init__(
        self, simulation: Simulation, apis: tuple[VendorApi, ...], faults: Faults, due_work: DueWork
    ) -> None:
        self._simulation = simulation
        self._apis = apis
        self._faults = faults
        self._due_work = due_work
        self._execution = Execution(simulation)

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
        exchange = _Exchange(request, entry.sequence, f"req_{secrets.token_hex(7)}")
        answer = self._answer_safely(api, exchange)
        answer = api.finish(answer, exchange.call, exchange.request_id)
        self._simulation.requests.finish(
            entry,
            answer,
            account_id=exchange.call.account.account_id if exchange.call else None,
            key=exchange.claim.key if exchange.claim else None,
            fault=exchange.fault.name,
        )
        return answer

    def _answer_safely(self, api: VendorApi, exchange: _Exchange) -> Answer:
        request = exchange.request
        try:
            return self._answer(api, exchange)
        except VendorError as error:
            return error.answer
        except Exception:
            log.exception("The simulator failed at %s %s", request.method, request.path)
            return api.explain_crash(exchange.request_id)

    def _answer(self, api: VendorApi, exchange: _Exchange) -> Answer:
        self._due_work.do()
        request = exchange.request
        path = request.path[len(api.prefix) :]
        route, ids = api.find_route(request, path)
        now_ms = self._simulation.clock.now_ms()
        seed = CallSeed(now_ms, {}, ids, request.base_url, exchange.request_id)
        exchange.call = api.authenticate(self._simulation, request, seed)
        parameters = api.read_parameters(request, route)
        exchange.call = call = replace(exchange.call, parameters=parameters)
        exchange.claim = api.make_claim(request, route, call)
        sighting = Sighting(call, route, path, exchange.sequence)
        exchange.fault = fault = self._faults.choose(sighting)
        answer = fault.before(call) or self._work(api, route, call, exchange)
        return fault.after(call, answer)

    def _work(self, api: VendorApi, route: Route, call: Call, exchange: _Exchange) -> Answer:
        claim = exchange.claim
        if claim is None:
            return self._operate(api, route, call, exchange)
        try:
            with self._simulation.idempotency.hold(claim):
                remembered = self._recall(claim, call)
                if remembered is not None:
                    return api.replay(remembered)
                return self._operate(api, route, call, exchange)
        except KeyInUse:
            return api.explain_key_in_use(claim)
        except KeyReused:
            return api.explain_key_reused(claim)

    def _recall(self, claim: Claim, call: Call) -> Answer | None:
        # In this order: a late call is remembered before it stops being pending.
        if self._simulation.late_calls.is_pending(claim):
            raise KeyInUse(claim.key)
        return self._simulation.idempotency.recall(claim, call.now_ms)

    def _operate(self, api: VendorApi, route: Route, call: Call, exchange: _Exchange) -> Answer:
        fault, claim = exchange.fault, exchange.claim
        if fault.late_seconds is not None:
            due_ms = call.now_ms + round(fault.late_seconds * 1000)
            request = exchange.request
            self._simulation.late_calls.add(call, request.method, request.path, claim, due_ms)
            return _POSTPONED
        # Outside the transaction: a fault may take its time, and nobody else should wait for it.
        instead = fault.instead(call)
        if instead is not None:
            self._execution.remember(claim, instead, call)
            return instead
        return self._execution.run(api, route, call, claim, fault=fault)
