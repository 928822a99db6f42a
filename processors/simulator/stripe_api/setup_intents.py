"""Setup intents: saving a card or a bank account for later, with its holder's consent.

requires_payment_method ──► succeeded   the method is the customer's, a bank account has a mandate
                        ──► canceled
https://docs.stripe.com/payments/setup-intents
"""

from processors.simulator.call import Call
from processors.simulator.identifiers import stripe_id
from processors.simulator.messages import Json
from processors.simulator.stripe_api import customers, events, payment_methods
from processors.simulator.stripe_api.errors import invalid, missing, unexpected_state

KIND = "setup_intent"
MANDATE = "mandate"


def create(call: Call) -> Json:
    """Create an intent, and confirm it at once when asked to."""
    given = call.parameters
    if given.get("customer"):
        customers.get_customer(call, given["customer"], param="customer", status=400)
    intent = build_intent(call, given)
    events.record(call, "setup_intent.created", intent, save_intent(call, intent))
    return confirm_intent(call, intent, given) if given.get("confirm") else intent


def build_intent(call: Call, given: Json) -> Json:
    intent_id = stripe_id("seti")
    types = given.get("allowed_payment_method_types")
    return {
        "id": intent_id,
        "object": "setup_intent",
        "application": None,
        "automatic_payment_methods": None,
        "cancellation_reason": None,
        "client_secret": f"{intent_id}_secret_{intent_id[-12:]}",
        "created": call.now_seconds,
        "customer": given.get("customer"),
        "description": given.get("description"),
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": given.get("metadata") or {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": types or ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": given.get("usage", "off_session"),
    }


def save_intent(call: Call, intent: Json) -> str:
    return call.save(KIND, intent, created_ms=intent["created"] * 1000)


def get_intent(call: Call, intent_id: str) -> Json:
    """:raises StripeError: there is no such setup intent on this account."""
    intent = call.find(KIND, intent_id)
    if intent is None:
        raise missing("setupintent", intent_id, param="intent")
    return intent


def retrieve(call: Call) -> Json:
    return get_intent(call, call.ids["id"])


def confirm(call: Call) -> Json:
    return confirm_intent(call, get_intent(call, call.ids["id"]), call.parameters)


def confirm_intent(call: Call, intent: Json, given: Json) -> Json:
    """Save the named method with the customer.

    :raises StripeError: none is named, it is of another type, or its bank refuses.
    """
    _check_open(intent, "confirmed")
    name = given.get("payment_method")
    if not name:
        raise invalid(
            "A payment method is needed to confirm a SetupIntent.", param="payment_method"
        )
    return save_for_later(call, intent, name, agrees=bool(given.get("mandate_data")))


def save_for_later(call: Call, intent: Json, name: str, *, agrees: bool) -> Json:
    """What confirming does; `agrees`: the holder of a bank account consents to debits."""
    method = payment_methods.find_chargeable(call, name, intent["customer"])
    if method["type"] not in intent["payment_method_types"]:
        message = f"The PaymentMethod provided ({method['type']}) is not allowed here."
        raise invalid(message, param="payment_method")
    payment_methods.check_attachable(method, intent["customer"])
    if payment_methods.find_bank(method):
        method["_mandate"] = intent["mandate"] = _make_mandate(call, method, agrees=agrees)
    payment_methods.attach_to(call, method, intent["customer"])
    intent |= {"payment_method": method["id"], "status": "succeeded"}
    events.record(call, "setup_intent.succeeded", intent, save_intent(call, intent))
    return intent


def _make_mandate(call: Call, method: Json, *, agrees: bool) -> str:
    if not agrees:
        message = "A bank account is saved with its holder's consent: `mandate_data` is missing."
        raise invalid(message, param="mandate_data")
    mandate = {
        "id": stripe_id("mandate"),
        "object": "mandate",
        "customer_acceptance": {"accepted_at": call.now_seconds, "type": "online", "online": {}},
        "livemode": False,
        "multi_use": {},
        "payment_method": method["id"],
        "payment_method_details": {method["type"]: {}, "type": method["type"]},
        "status": "active",
        "type": "multi_use",
    }
    call.save(MANDATE, mandate, parent=method["id"])
    return str(mandate["id"])


def cancel(call: Call) -> Json:
    intent = get_intent(call, call.ids["id"])
    _check_open(intent, "canceled")
    return cancel_intent(call, intent, call.parameters.get("cancellation_reason"))


def cancel_intent(call: Call, intent: Json, reason: str | None) -> Json:
    intent |= {"status": "canceled", "cancellation_reason": reason}
    events.record(call, "setup_intent.canceled", intent, save_intent(call, intent))
    return intent


def _check_open(intent: Json, act: str) -> None:
    if intent["status"] != "requires_payment_method":
        raise unexpected_state(
            f"This SetupIntent could not be {act} because it has a status of {intent['status']}.",
            code="setup_intent_unexpected_state",
        )
