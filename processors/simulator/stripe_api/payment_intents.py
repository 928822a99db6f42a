"""Payment intents: their six addresses. What confirming does is `confirmation.py`."""

from processors.simulator.call import Call
from processors.simulator.identifiers import stripe_id
from processors.simulator.messages import Answer, Json
from processors.simulator.objects import dump
from processors.simulator.stripe_api import charges, customers, events, payment_methods
from processors.simulator.stripe_api.confirmation import (
    KIND,
    cancel_intent,
    confirm_intent,
    explain_state,
    get_intent,
    save_intent,
)
from processors.simulator.stripe_api.errors import invalid, unexpected_state
from processors.simulator.stripe_api.limits import check_amount
from processors.simulator.stripe_api.listing import list_objects, read_page

_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
_CANCELABLE = (*_OPEN, "requires_capture")
_CHANGEABLE = (
    "amount",
    "application_fee_amount",
    "capture_method",
    "currency",
    "description",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
)


def create(call: Call) -> Json | Answer:
    """Create an intent, and confirm it at once when asked to."""
    given = call.parameters
    check_amount(call.account, given["amount"], given["currency"])
    if given.get("customer"):
        customers.get_customer(call, given["customer"], param="customer", status=400)
    intent = build_intent(call, given)
    events.record(call, "payment_intent.created", intent, dump(intent))
    method = _find_method(call, intent, given)
    if method is not None:
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    if given.get("confirm"):
        return confirm_intent(call, intent, method, given)
    if method is not None:
        payment_methods.save_method(call, method)
    save_intent(call, intent)
    return intent


def _find_method(call: Call, intent: Json, given: Json) -> Json | None:
    if given.get("payment_method_data"):
        return payment_methods.build_from_parameters(call, given["payment_method_data"])
    if given.get("payment_method"):
        token_or_id = given["payment_method"]
        return payment_methods.find_chargeable(call, token_or_id, intent["customer"])
    return None


def build_intent(call: Call, given: Json) -> Json:
    """A new intent that waits for a payment method."""
    intent_id = stripe_id("pi")
    types = given.get("allowed_payment_method_types")
    return {
        "id": intent_id,
        "object": "payment_intent",
        "amount": given["amount"],
        "amount_capturable": 0,
        "amount_details": given.get("amount_details") or {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": given.get("application_fee_amount"),
        "automatic_payment_methods": None if types else _describe_automatic(given),
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": given.get("capture_method", "automatic_async"),
        "client_secret": f"{intent_id}_secret_{intent_id[-12:]}",
        "confirmation_method": given.get("confirmation_method", "automatic"),
        "created": call.now_seconds,
        "currency": given["currency"].lower(),
        "customer": given.get("customer"),
        "description": given.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": given.get("metadata") or {},
        "next_action": None,
        "on_behalf_of": given.get("on_behalf_of"),
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": types or ["card"],
        "processing": None,
        "receipt_email": given.get("receipt_email"),
        "review": None,
        "setup_future_usage": given.get("setup_future_usage"),
        "shipping": given.get("shipping"),
        "source": None,
        "statement_descriptor": given.get("statement_descriptor"),
        "statement_descriptor_suffix": given.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
        "transfer_data": given.get("transfer_data"),
        "transfer_group": given.get("transfer_group"),
    }


def _describe_automatic(given: Json) -> Json:
    return given.get("automatic_payment_methods") or {"enabled": True}


def retrieve(call: Call) -> Json:
    return get_intent(call, call.ids["id"])


def update(call: Call) -> Json:
    """Change an intent that was not confirmed yet."""
    intent = get_intent(call, call.ids["id"])
    given = call.parameters
    if intent["status"] not in _OPEN:
        raise explain_state(intent, "updated")
    if "amount" in given or "currency" in given:
        wanted = {**intent, **given}
        check_amount(call.account, wanted["amount"], wanted["currency"])
    changes: Json = {name: given[name] or None for name in _CHANGEABLE if name in given}
    intent.update(changes)
    intent["currency"] = intent["currency"].lower()
    if given.get("customer"):
        customers.get_customer(call, given["customer"], param="customer", status=400)
        intent["customer"] = given["customer"]
    customers.merge_metadata(intent, given)
    method = _find_method(call, intent, given)
    if method is not None:
        payment_methods.save_method(call, method)
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    save_intent(call, intent)
    return intent


def confirm(call: Call) -> Json | Answer:
    intent = get_intent(call, call.ids["id"])
    if intent["status"] not in _OPEN:
        raise explain_state(intent, "confirmed")
    method = _find_method(call, intent, call.parameters)
    if method is None and intent["payment_method"]:
        saved = intent["payment_method"]
        method = payment_methods.find_chargeable(call, saved, intent["customer"])
    return confirm_intent(call, intent, method, call.parameters)


def capture(call: Call) -> Json:
    """Take an authorized amount, or a part of it; the rest is released.

    :raises StripeError: nothing is authorized, or not that much.
    """
    intent = get_intent(call, call.ids["id"])
    if intent["status"] != "requires_capture":
        raise explain_state(intent, "captured")
    amount_minor: int = call.parameters.get("amount_to_capture") or intent["amount_capturable"]
    if not 0 < amount_minor <= intent["amount_capturable"]:
        message = f"You can capture between 1 and {intent['amount_capturable']}."
        raise unexpected_state(message, code="amount_too_large", param="amount_to_capture")

    charge = charges.get_charge(call, intent["latest_charge"])
    charge |= {"captured": True, "amount_captured": amount_minor}
    charges.settle(call, charge)
    events.record(call, "charge.captured", charge, charges.save_charge(call, charge))

    intent |= {"status": "succeeded", "amount_capturable": 0, "amount_received": amount_minor}
    customers.merge_metadata(intent, call.parameters)
    events.record(call, "payment_intent.succeeded", intent, save_intent(call, intent))
    return intent


def cancel(call: Call) -> Json:
    """Cancel an intent that took no money yet; an authorization is released."""
    intent = get_intent(call, call.ids["id"])
    if intent["status"] not in _CANCELABLE:
        raise explain_state(intent, "canceled")
    return cancel_intent(call, intent, call.parameters.get("cancellation_reason"))


def list_intents(call: Call) -> Json:
    if call.parameters.get("customer") == "":
        raise invalid("You passed an empty string for 'customer'.", param="customer")
    page = read_page(call, equal={"customer": call.parameters.get("customer")})
    return list_objects(call, KIND, "/v1/payment_intents", page)
