"""What the simulator's clock has made due: late calls, and tasks of the schedule.

It is done before a request is answered and when the clock is moved, so nobody sees that it was
not done before; and by a thread when a late call's moment comes while nobody asks.
"""

import logging
import threading
from functools import partial

from processors.simulator.call import Call
from processors.simulator.execution import Execution
from processors.simulator.faults.seam import NO_FAULTS
from processors.simulator.late_calls import LateCall
from processors.simulator.messages import Request, VendorError
from processors.simulator.routing import Route
from processors.simulator.schedule import DueTask
from processors.simulator.simulation import Simulation
from processors.simulator.vendor_api import VendorApi

log = logging.getLogger(__name__)

_IDLE_SECONDS = 60.0


class DueWork:
    def __init__(self, simulation: Simulation, apis: tuple[VendorApi, ...]) -> None:
        self._simulation = simulation
        self._apis = apis
        self._execution = Execution(simulation)
        self._one_at_a_time = threading.Lock()

    def do(self) -> None:
        """Do all that is due, each with its own moment as "now".

        The clock is asked each time: it may be put back meanwhile.
        """
        self._carry_out_late_calls()
        self._run_tasks()

    def _carry_out_late_calls(self) -> None:
        clock, late_calls = self._simulation.clock, self._simulation.late_calls
        while late_calls.find_due(clock.now_ms()) is not None:
            with self._one_at_a_time:
                late = late_calls.find_due(clock.now_ms())
                if late is not None:
                    self._carry_out(late)

    def _carry_out(self, late: LateCall) -> None:
        simulation = self._simulation
        remove = partial(simulation.late_calls.remove, late)
        api = self._find_api(late.processor)
        prepared = self._prepare(api, late)
        if prepared is None:
            with simulation.store.transaction():
                remove()
            return
        route, call = prepared
        self._execution.run(api, route, call, late.claim, fault=NO_FAULTS, also=remove)

    def _prepare(self, api: VendorApi, late: LateCall) -> tuple[Route, Call] | None:
        """The call as if it came now; None when it has become impossible."""
        simulation = self._simulation
        caller = simulation.accounts.find(late.processor, late.caller_id)
        account = simulation.accounts.find(late.processor, late.account_id)
        request = Request(late.method, late.path, "", {}, b"", late.base_url)
        try:
            route, ids = api.find_route(request, late.path.removeprefix(api.prefix))
        except VendorError:
            return None  # the state file comes from a version that knew more addresses
        if caller is None or account is None:
            return None
        return route, Call(
            simulation=simulation,
            caller=caller,
            account=account,
            now_ms=late.due_ms,
            parameters=late.parameters,
            ids=ids,
            base_url=late.base_url,
            request_id=late.request_id,
            idempotency_key=late.claim.key if late.claim else None,
        )

    def _find_api(self, processor: str) -> VendorApi:
        return next(each for each in self._apis if each.prefix == f"/{processor}")

    def _run_tasks(self) -> None:
        simulation = self._simulation
        while simulation.schedule.is_anything_due(simulation.clock.now_ms()):
            due = None
            try:
                with simulation.store.transaction():
                    due = simulation.schedule.take_next(simulation.clock.now_ms())
                    if due is not None:
                        self._run_task(due)
            except Exception:
                # One task that cannot be done must not fail every request from now on.
                log.exception("A due task failed and is dropped: %s", due)
                simulation.schedule.take_next(simulation.clock.now_ms())

    def _run_task(self, due: DueTask) -> None:
        account = self._simulation.accounts.find(due.processor, due.account_id)
        if account is None:
            return
        call = Call(self._simulation, account, account, due.due_ms, {}, {})
        self._find_api(due.processor).tasks[due.task](call, due.object_id)


class DueWorkThread:
    """Does due work at the moment of each late call."""

    def __init__(self, simulation: Simulation, due_work: DueWork) -> None:
        self._simulation = simulation
        self._due_work = due_work
        self._woken = threading.Event()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="due work", daemon=True)

    def start(self) -> None:
        self._simulation.late_calls.wake = self._woken.set
        self._thread.start()

    def stop(self) -> None:
        self._is_stopping = True
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_stopping:
            self._woken.clear()
            try:
                self._due_work.do()
            except Exception:
                log.exception("Due work failed; it is tried again")
            self._woken.wait(self._seconds_until_next())

    def _seconds_until_next(self) -> float:
        next_due_ms = self._simulation.late_calls.get_next_due_ms()
        if next_due_ms is None:
            return _IDLE_SECONDS
        left_seconds = (next_due_ms - self._simulation.clock.now_ms()) / 1000
        # Never zero: work that fails must not spin.
        return min(max(left_seconds, 0.01), _IDLE_SECONDS)
