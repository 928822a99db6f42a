"""Checkout sessions in setup mode: Stripe's own page on which a customer saves a payment method.

open ──► complete     the customer has chosen; the setup intent succeeded
     └─► expired      24 hours later
https://docs.stripe.com/payments/save-and-reuse?platform=checkout
"""

from processors.simulator.call import Call
from processors.simulator.identifiers import stripe_id
from processors.simulator.messages import Json
from processors.simulator.schedule import DueTask
from processors.simulator.stripe_api import customers, events, setup_intents
from processors.simulator.stripe_api.errors import invalid, missing, unexpected_state

KIND = "checkout.session"
EXPIRE_TASK = "stripe.expire_checkout_session"
_LASTS_MS = 24 * 60 * 60 * 1000
_ABSENT = (
    "allow_promotion_codes",
    "amount_subtotal",
    "amount_total",
    "billing_address_collection",
    "client_secret",
    "consent",
    "consent_collection",
    "currency",
    "customer_creation",
    "customer_details",
    "customer_email",
    "invoice",
    "invoice_creation",
    "locale",
    "origin_context",
    "payment_intent",
    "payment_link",
    "payment_method_collection",
    "payment_method_configuration_details",
    "recovered_from",
    "saved_payment_method_options",
    "shipping_address_collection",
    "shipping_cost",
    "submit_type",
    "subscription",
    "total_details",
    "ui_mode",
)


def create(call: Call) -> Json:
    """
    :raises StripeError: it is for a payment, or lacks what the page needs.
    """
    given = call.parameters
    if given.get("mode") != "setup":
        raise invalid("The simulator has sessions in setup mode only.", param="mode")
    for name in ("success_url", "customer"):
        if not given.get(name):
            raise invalid(f"Missing required param: {name}.", code="parameter_missing", param=name)
    customers.get_customer(call, given["customer"], param="customer", status=400)
    intent = setup_intents.build_intent(call, _describe_intent(given))
    events.record(call, "setup_intent.created", intent, setup_intents.save_intent(call, intent))
    session = _build_session(call, given, intent)
    save_session(call, session)
    account_id = call.account.account_id
    expires_ms = session["expires_at"] * 1000
    due = DueTask(expires_ms, EXPIRE_TASK, "stripe", account_id, session["id"])
    call.simulation.schedule.add(due)
    return session


def _describe_intent(given: Json) -> Json:
    names = ("customer", "allowed_payment_method_types")
    inner = given.get("setup_intent_data") or {}
    return {**{name: given.get(name) for name in names}, **inner}


def _build_session(call: Call, given: Json, intent: Json) -> Json:
    session_id = stripe_id("cs_test")
    return {
        **dict.fromkeys(_ABSENT),
        "id": session_id,
        "object": "checkout.session",
        "automatic_tax": {"enabled": False, "liability": None, "status": None},
        "cancel_url": given.get("cancel_url"),
        "client_reference_id": given.get("client_reference_id"),
        "created": call.now_seconds,
        "custom_fields": [],
        "custom_text": {},
        "customer": given["customer"],
        "expires_at": (call.now_ms + _LASTS_MS) // 1000,
        "livemode": False,
        "metadata": given.get("metadata") or {},
        "mode": "setup",
        "payment_method_options": {},
        "payment_method_types": intent["payment_method_types"],
        "payment_status": "no_payment_required",
        "setup_intent": intent["id"],
        "shipping_options": [],
        "status": "open",
        "success_url": given["success_url"],
        "url": f"{call.base_url}/_simulator/setup/{session_id}",
    }


def save_session(call: Call, session: Json) -> str:
    return call.save(KIND, session, created_ms=session["created"] * 1000)


def get_session(call: Call, session_id: str) -> Json:
    """:raises StripeError: there is no such session on this account."""
    session = call.find(KIND, session_id)
    if session is None:
        raise missing("checkout.session", session_id, param="session")
    return session


def retrieve(call: Call) -> Json:
    return get_session(call, call.ids["id"])


def complete(call: Call, session: Json, method: str) -> Json:
    """The customer saves this payment method, and agrees to debits where it is a bank account.

    :raises StripeError: the session is over, or the method is refused.
    """
    _check_open(session)
    intent = setup_intents.get_intent(call, session["setup_intent"])
    setup_intents.save_for_later(call, intent, method, agrees=True)
    session |= {"status": "complete", "url": None}
    events.record(call, "checkout.session.completed", session, save_session(call, session))
    return session


def expire(call: Call) -> Json:
    session = get_session(call, call.ids["id"])
    _check_open(session)
    return _end(call, session)


def expire_due_session(call: Call, session_id: str) -> None:
    """The task of a session's end."""
    session = get_session(call, session_id)
    if session["status"] == "open":
        _end(call, session)


def _end(call: Call, session: Json) -> Json:
    intent = setup_intents.get_intent(call, session["setup_intent"])
    setup_intents.cancel_intent(call, intent, "abandoned")
    session |= {"status": "expired", "url": None}
    events.record(call, "checkout.session.expired", session, save_session(call, session))
    return session


def _check_open(session: Json) -> None:
    if session["status"] != "open":
        message = f"This Session is {session['status']}; only an open one can go on."
        raise unexpected_state(message)
