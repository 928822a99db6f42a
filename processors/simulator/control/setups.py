"""Stripe's page on which a customer saves a payment method, and the answer to it.

GET  setup/{session}    the page, with a choice of test methods
POST setup/{session}    {"method": "pm_card_visa"}; "" goes back without saving one
"""

from html import escape

from pydantic import BaseModel, ConfigDict

from processors.simulator.call import Call
from processors.simulator.control.acting import call_of_owner, find_object
from processors.simulator.control.requests import Visit, is_form, read_fields, read_model
from processors.simulator.messages import Answer, Json, html_answer, json_answer
from processors.simulator.objects import visible
from processors.simulator.stripe_api import checkout_sessions

_METHODS = {
    "pm_card_visa": "Visa card that works",
    "pm_usBankAccount_success": "Bank account that pays",
    "pm_card_chargeCustomerFail": "Card that is declined later",
    "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds": "Card without funds",
    "pm_card_authenticationRequired": "Card that asks its holder each time",
    "pm_usBankAccount_insufficientFunds": "Bank account without funds",
    "pm_usBankAccount_accountClosed": "Bank account that is closed",
    "pm_usBankAccount_dispute": "Bank account whose payment comes back",
}
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Save a method</title>
<body style="font: 1.1rem system-ui; max-width: 30rem; margin: 3rem auto; padding: 0 1rem">
<h1>Save a payment method</h1><p>{account} may charge it later. This is the simulator.</p>
<form method="post"><p><label>Method <select name="method">{options}</select></label></p>
<button>Save</button> <button name="answer" value="cancel">Go back</button></form></body></html>"""


class _Choice(BaseModel):
    model_config = ConfigDict(extra="forbid")

    method: str = ""
    answer: str = ""


def ask(visit: Visit) -> Answer:
    call, session = _find(visit)
    offered = [name for name in _METHODS if _get_type(name) in session["payment_method_types"]]
    options = "".join(f'<option value="{name}">{_METHODS[name]}</option>' for name in offered)
    account = escape(call.account.name)
    return html_answer(200, _PAGE.format(account=account, options=options))


def answer(visit: Visit) -> Answer:
    """Save the chosen method; a person is sent on to where the session says."""
    choice = read_model(_Choice, read_fields(visit.request))
    with visit.simulation.store.transaction():
        call, session = _find(visit)
        if not choice.method or choice.answer:
            return _send_on(visit, session, session["cancel_url"])
        checkout_sessions.complete(call, session, choice.method)
    address = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
    return _send_on(visit, session, address)


def _find(visit: Visit) -> tuple[Call, Json]:
    scope, session = find_object(visit, visit.rest, checkout_sessions.KIND)
    return call_of_owner(visit, scope), session


def _get_type(token: str) -> str:
    return "card" if token.startswith("pm_card_") else "us_bank_account"


def _send_on(visit: Visit, session: Json, address: str | None) -> Answer:
    if is_form(visit.request) and address:
        return Answer(303, b"", headers={"Location": address})
    return json_answer(200, visible(session))
