"""Which control door answers which address."""

import logging
from collections.abc import Callable

from processors.simulator.control import (
    accounts,
    authentication,
    authorizations,
    clock,
    debits,
    deliveries,
    disputes,
    events,
    faults,
    journals,
    payouts,
    plants,
    processor_charges,
    refunds,
    sales,
    setups,
    terminal,
    transfers,
)
from processors.simulator.control.requests import BadRequest, Visit, is_form
from processors.simulator.messages import (
    Answer,
    Request,
    VendorError,
    html_answer,
    json_answer,
)
from processors.simulator.page import render_page
from processors.simulator.simulation import Simulation

log = logging.getLogger(__name__)

Door = Callable[[Visit], Answer]

_DOORS: dict[tuple[str, str], Door] = {
    ("GET", "accounts"): accounts.list_accounts,
    ("PUT", "accounts"): accounts.put_account,
    ("PATCH", "accounts"): accounts.patch_account,
    ("GET", "clock"): clock.show,
    ("POST", "clock"): clock.move,
    ("POST", "sales"): sales.record_sales,
    ("POST", "terminal_sales"): terminal.record,
    ("POST", "refunds"): refunds.change,
    ("POST", "payouts"): payouts.change,
    ("POST", "processor_charges"): processor_charges.record,
    ("POST", "transfers"): transfers.change,
    ("POST", "disputes"): disputes.change,
    ("POST", "debits"): debits.change,
    ("GET", "setup"): setups.ask,
    ("POST", "setup"): setups.answer,
    ("GET", "journal"): journals.list_movements,
    ("GET", "requests"): journals.list_requests,
    ("GET", "deliveries"): deliveries.show,
    ("POST", "deliveries"): deliveries.change,
    ("GET", "events"): events.list_events,
    ("GET", "authenticate"): authentication.ask,
    ("POST", "authenticate"): authentication.answer,
    ("PUT", "applications"): authorizations.put_application,
    ("GET", "applications"): authorizations.list_applications,
    ("GET", "authorizations"): authorizations.list_authorizations,
    ("POST", "authorizations"): authorizations.change,
    ("POST", "plants"): plants.plant,
    ("GET", "plants"): plants.list_plants,
    ("GET", "faults"): faults.show,
    ("POST", "faults"): faults.change,
    ("DELETE", "faults"): faults.remove,
    ("POST", "reset"): clock.reset,
}
_PREFIX = "/_simulator/"


class ControlDoors:
    """`run_due_tasks` runs before a door reads and after one may have moved the clock."""

    def __init__(self, simulation: Simulation, run_due_tasks: Callable[[], None]) -> None:
        self._simulation = simulation
        self._run_due_tasks = run_due_tasks

    def answer(self, request: Request) -> Answer:
        """Answer a door, the page or 404. Never raises."""
        try:
            self._run_due_tasks()
            if request.path == "/" and request.method in ("GET", "HEAD"):
                return html_answer(200, render_page(self._simulation))
            if request.path == "/health":
                return json_answer(200, {"status": "ok"})
            return self._open(request)
        except BadRequest as error:
            return error.to_answer()
        except VendorError as error:
            return BadRequest(f"The vendor would refuse: {error}", status=409).to_answer()
        except Exception as error:
            log.exception("The control door %s failed", request.path)
            return json_answer(500, {"error": {"message": repr(error), "field": None}})

    def _open(self, request: Request) -> Answer:
        name, _, rest = request.path.removeprefix(_PREFIX).partition("/")
        door = _DOORS.get((request.method, name))
        if not request.path.startswith(_PREFIX) or door is None:
            raise BadRequest(_explain(request), status=404)
        answer = door(Visit(self._simulation, request, rest))
        self._run_due_tasks()
        if is_form(request) and request.method == "POST" and answer.status < 300:
            return Answer(303, b"", headers={"Location": "/"})
        return answer


def _explain(request: Request) -> str:
    doors = ", ".join(f"{method} {_PREFIX}{name}" for method, name in _DOORS)
    return (
        f"{request.method} {request.path} is neither below /stripe/v1 or /square/v2 nor one of: "
        f"{doors}"
    )
