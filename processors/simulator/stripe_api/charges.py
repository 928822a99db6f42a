"""Charges: one attempt to move money from a card or a bank account."""

from collections.abc import Callable

from processors.simulator.call import Call
from processors.simulator.identifiers import stripe_id
from processors.simulator.messages import Json
from processors.simulator.schedule import DueTask
from processors.simulator.stripe_api import balance_transactions, events
from processors.simulator.stripe_api.bank_accounts import TYPE, describe_debited_bank
from processors.simulator.stripe_api.cards import Decline, describe_charged_card
from processors.simulator.stripe_api.errors import missing
from processors.simulator.stripe_api.listing import list_objects, read_page

KIND = "charge"
POST_FEE_TASK = "stripe.post_charge"

_APPROVED = {
    "advice_code": None,
    "network_advice_code": None,
    "network_decline_code": None,
    "network_status": "approved_by_network",
    "reason": None,
    "seller_message": "Payment complete.",
    "type": "authorized",
}


def build_charge(intent: Json, method: Json, created_ms: int, *, captured: bool) -> Json:
    """A successful charge of the intent's amount; captured, or only authorized."""
    amount_minor = intent["amount"]
    charge_id = stripe_id("ch")
    return {
        "id": charge_id,
        "object": "charge",
        "amount": amount_minor,
        "amount_captured": amount_minor if captured else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": intent["application_fee_amount"],
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": None,
        "captured": captured,
        "created": created_ms // 1000,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "on_behalf_of": intent["on_behalf_of"],
        "outcome": _APPROVED,
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _describe_method(method, amount_minor),
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": intent["shipping"],
        "source": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "succeeded",
        "transfer_data": intent["transfer_data"],
        "transfer_group": intent["transfer_group"],
    }


def _describe_method(method: Json, amount_minor: int) -> Json:
    if method["type"] == TYPE:
        return describe_debited_bank(method)
    return describe_charged_card(method["card"], amount_minor)


def build_failed_charge(intent: Json, method: Json, created_ms: int, decline: Decline) -> Json:
    charge = build_charge(intent, method, created_ms, captured=False)
    outcome = {
        **_APPROVED,
        "network_status": "declined_by_network",
        "reason": decline.decline_code,
        "seller_message": f"The bank returned the decline code `{decline.decline_code}`.",
        "type": "issuer_declined",
    }
    return {
        **charge,
        "failure_code": decline.code,
        "failure_message": decline.message,
        "outcome": outcome,
        "paid": False,
        "status": "failed",
    }


def save_charge(call: Call, charge: Json) -> str:
    """Store the charge; its moment stays that of its creation."""
    parent = charge["payment_intent"]
    return call.save(KIND, charge, parent=parent, created_ms=charge["created"] * 1000)


def settle(call: Call, charge: Json) -> None:
    """Count a captured charge in the journal and post its fee, at once or later."""
    movement = balance_transactions.charge_movement(call, charge, call.now_ms)
    call.simulation.movements.record(movement)
    delay_ms = int(call.account.fee_delay_seconds * 1000)
    if not delay_ms:
        charge["balance_transaction"] = balance_transactions.post_charge(call, charge)
        return
    account_id = call.account.account_id
    due = DueTask(call.now_ms + delay_ms, POST_FEE_TASK, "stripe", account_id, charge["id"])
    call.simulation.schedule.add(due)


def post_fee(call: Call, charge_id: str) -> None:
    """The task that ends `fee_delay_seconds`."""
    charge = get_charge(call, charge_id)
    charge["balance_transaction"] = balance_transactions.post_charge(call, charge)
    text = save_charge(call, charge)
    events.record(call, "charge.updated", charge, text, previous={"balance_transaction": None})


def get_charge(call: Call, charge_id: str, *, param: str = "id", status: int = 404) -> Json:
    """:raises StripeError: there is no such charge on this account."""
    charge = call.find(KIND, charge_id)
    if charge is None:
        raise missing("charge", charge_id, param=param, status=status)
    return charge


def update_charge(
    call: Call, charge_id: str, change: Callable[[Json], None], event_type: str
) -> Json:
    """Change a stored charge and tell of it."""
    charge = get_charge(call, charge_id)
    change(charge)
    events.record(call, event_type, charge, save_charge(call, charge))
    return charge


def retrieve(call: Call) -> Json:
    return get_charge(call, call.ids["id"])


def list_charges(call: Call) -> Json:
    given = call.parameters
    equal = {"customer": given.get("customer"), "transfer_group": given.get("transfer_group")}
    page = read_page(call, equal=equal, parent=given.get("payment_intent"))
    return list_objects(call, KIND, "/v1/charges", page)
