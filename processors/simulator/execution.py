"""Carrying out one operation: its effects, its answer and what its key remembers, or nothing."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from processors.simulator.call import Call
from processors.simulator.faults.seam import Fault
from processors.simulator.idempotency import Claim
from processors.simulator.messages import Answer, VendorError
from processors.simulator.routing import Route
from processors.simulator.simulation import Simulation
from processors.simulator.vendor_api import VendorApi

log = logging.getLogger(__name__)


def _nothing() -> None:
    """Nothing more belongs to the transaction."""


class Execution:
    """`also` runs in the same transaction: with the effects, or with the refusal."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def run(
        self,
        api: VendorApi,
        route: Route,
        call: Call,
        claim: Claim | None,
        *,
        fault: Fault,
        also: Callable[[], None] = _nothing,
    ) -> Answer:
        """Answer the call, refusals and crashes included. Never raises VendorError."""
        try:
            with self._begin(route):
                also()
                answer = fault.stored(call, api.present(call, route.operation(call)))
                self.remember(claim, answer, call)
                return answer
        except VendorError as error:
            answer, remembers = error.answer, error.executed
        except Exception:
            log.exception("%s %s failed", route.method, route.pattern)
            answer, remembers = api.explain_crash(call.request_id or ""), True
        with self._simulation.store.transaction():
            also()
            self.remember(claim if remembers else None, answer, call)
        return answer

    def _begin(self, route: Route) -> AbstractContextManager[None]:
        return self._simulation.store.transaction() if route.in_transaction else nullcontext()

    def remember(self, claim: Claim | None, answer: Answer, call: Call) -> None:
        if claim is not None:
            self._simulation.idempotency.remember(claim, answer, call.now_ms)
