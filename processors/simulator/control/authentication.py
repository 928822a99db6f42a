"""The card holder's bank: a page that asks, and the answer to it."""

from html import escape
from typing import Literal

from pydantic import BaseModel, ConfigDict

from processors.simulator.call import Call
from processors.simulator.control.requests import (
    BadRequest,
    Visit,
    is_form,
    read_fields,
    read_model,
)
from processors.simulator.messages import Answer, Json, html_answer, json_answer
from processors.simulator.money.currencies import format_amount
from processors.simulator.objects import Scope, visible
from processors.simulator.simulation import Simulation
from processors.simulator.stripe_api import confirmation

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Your bank asks</title>
<body style="font: 1.1rem system-ui; max-width: 30rem; margin: 3rem auto; padding: 0 1rem">
<h1>Is this you?</h1><p>{account} wants to charge {amount}.</p>
<form method="post"><button name="outcome" value="succeed">Yes, pay</button>
<button name="outcome" value="fail">No, that is not me</button></form></body></html>"""


class _Outcome(BaseModel):
    model_config = ConfigDict(extra="forbid")

    outcome: Literal["succeed", "fail"]


def _find(simulation: Simulation, intent_id: str) -> tuple[Scope, Json]:
    found = simulation.objects.find_anywhere(intent_id)
    if found is None or found[0].kind != confirmation.KIND:
        raise BadRequest(f"There is no payment intent {intent_id}.", status=404)
    if found[1]["status"] != "requires_action":
        message = f"Payment intent {intent_id} is {found[1]['status']}; nothing is asked of anyone."
        raise BadRequest(message, status=409)
    return found


def ask(visit: Visit) -> Answer:
    simulation = visit.simulation
    scope, intent = _find(simulation, visit.rest)
    account = simulation.accounts.find(scope.processor, scope.account_id)
    name = account.name if account else scope.account_id
    amount = format_amount(intent["amount"], intent["currency"].upper())
    return html_answer(200, _PAGE.format(account=escape(name), amount=escape(amount)))


def answer(visit: Visit) -> Answer:
    """Complete or fail what the card asked for; a person is sent back to the `return_url`."""
    simulation = visit.simulation
    outcome = read_model(_Outcome, read_fields(visit.request)).outcome
    with simulation.store.transaction():
        scope, intent = _find(simulation, visit.rest)
        account = simulation.accounts.find(scope.processor, scope.account_id)
        if account is None:
            raise BadRequest(f"Account {scope.account_id} is gone.", status=409)
        action = intent["next_action"]
        now_ms = simulation.clock.now_ms()
        call = Call(simulation, account, account, now_ms, {}, {}, visit.request.base_url)
        confirmation.authenticate(call, intent, succeeds=outcome == "succeed")
    return_url = action.get("redirect_to_url", {}).get("return_url")
    if return_url and is_form(visit.request):
        return Answer(303, b"", headers={"Location": return_url})
    return json_answer(200, visible(intent))
