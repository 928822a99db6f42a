"""What confirming a payment intent does, by the card: money, a decline, or a question.

requires_confirmation ──► succeeded            automatic capture
                      ──► requires_capture     manual capture, expires after 7 days
                      ──► requires_action      the card asks for authentication
                      ──► requires_payment_method   declined: 402 and a failed charge
                      ──► processing           a bank account is debited (debits.py)
"""

from processors.simulator.call import Call
from processors.simulator.messages import Answer, Json
from processors.simulator.objects import visible
from processors.simulator.schedule import DueTask
from processors.simulator.stripe_api import charges, events, payment_methods
from processors.simulator.stripe_api.cards import (
    AUTHENTICATION_REQUIRED,
    EXPIRED,
    Decline,
    is_expired,
)
from processors.simulator.stripe_api.debits import start_debit
from processors.simulator.stripe_api.errors import (
    StripeError,
    error_answer,
    missing,
    unexpected_state,
)
from processors.simulator.stripe_api.limits import check_charges_enabled

KIND = "payment_intent"
EXPIRE_TASK = "stripe.expire_authorization"
AUTHORIZATION_MS = 7 * 24 * 60 * 60 * 1000


def get_intent(call: Call, intent_id: str, *, param: str = "intent", status: int = 404) -> Json:
    """:raises StripeError: there is no such payment intent on this account."""
    intent = call.find(KIND, intent_id)
    if intent is None:
        raise missing("payment_intent", intent_id, param=param, status=status)
    return intent


def save_intent(call: Call, intent: Json) -> str:
    return call.save(KIND, intent, created_ms=intent["created"] * 1000)


def explain_state(intent: Json, act: str) -> StripeError:
    """The intent is not in a state for this act."""
    return unexpected_state(
        f"This PaymentIntent could not be {act} because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state",
        payment_intent=visible(intent),
    )


def confirm_intent(call: Call, intent: Json, method: Json | None, given: Json) -> Json | Answer:
    """Try to take the money, as the card behind `method` allows.

    :raises StripeError: there is no payment method, or the account may not charge.
    """
    check_charges_enabled(call.account)
    if method is None:
        raise unexpected_state(
            "You cannot confirm this PaymentIntent because it's missing a payment method. "
            "Update it with a payment method first, or name one when you confirm it.",
            code="payment_intent_unexpected_state",
            payment_intent=visible(intent),
        )
    intent |= {"payment_method": method["id"], "last_payment_error": None, "next_action": None}
    bank = payment_methods.find_bank(method)
    if bank is not None:
        return start_debit(call, intent, method, bank)
    card = payment_methods.get_card(method)
    if is_expired(method["card"], call.now_ms):
        return decline_intent(call, intent, method, EXPIRED)
    if card.asks_for_authentication:
        if given.get("off_session") or given.get("error_on_requires_action"):
            return decline_intent(call, intent, method, AUTHENTICATION_REQUIRED)
        return _ask_for_authentication(call, intent, method, given.get("return_url"))
    if card.decline is not None:
        return decline_intent(call, intent, method, card.decline)
    return succeed_intent(call, intent, method)


def succeed_intent(call: Call, intent: Json, method: Json) -> Json:
    """Charge the card: captured at once, or only authorized."""
    captures = intent["capture_method"] != "manual"
    charge = charges.build_charge(intent, method, call.now_ms, captured=captures)
    _keep_method(call, intent, method)
    intent |= {"latest_charge": charge["id"], "next_action": None}
    if captures:
        charges.settle(call, charge)
        intent |= {"status": "succeeded", "amount_received": intent["amount"]}
    else:
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        account_id = call.account.account_id
        expires_ms = call.now_ms + AUTHORIZATION_MS
        call.simulation.schedule.add(
            DueTask(expires_ms, EXPIRE_TASK, "stripe", account_id, intent["id"])
        )
    events.record(call, "charge.succeeded", charge, charges.save_charge(call, charge))
    outcome = "succeeded" if captures else "amount_capturable_updated"
    events.record(call, f"payment_intent.{outcome}", intent, save_intent(call, intent))
    return intent


def _keep_method(call: Call, intent: Json, method: Json) -> None:
    """Save the method: with the customer when it is for later, else used up."""
    if intent["setup_future_usage"] and intent["customer"] and not method["customer"]:
        payment_methods.attach_to(call, method, intent["customer"])
        return
    if not method["customer"]:
        method["_consumed"] = True
    payment_methods.save_method(call, method)


def decline_intent(call: Call, intent: Json, method: Json, decline: Decline) -> Answer:
    """402, the intent back to `requires_payment_method`, and a failed charge. No money moves."""
    charge = charges.build_failed_charge(intent, method, call.now_ms, decline)
    payment_methods.save_method(call, method)
    error = {
        "type": "card_error",
        "code": decline.code,
        "decline_code": decline.decline_code,
        "message": decline.message,
        "charge": charge["id"],
        "payment_method": visible(method),
    }
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "latest_charge": charge["id"],
        "last_payment_error": error,
        "next_action": None,
    }
    events.record(call, "charge.failed", charge, charges.save_charge(call, charge))
    events.record(call, "payment_intent.payment_failed", intent, save_intent(call, intent))
    return error_answer(
        402,
        decline.message,
        error_type="card_error",
        code=decline.code,
        decline_code=decline.decline_code,
        charge=charge["id"],
        payment_intent=visible(intent),
        payment_method=visible(method),
    )


def _ask_for_authentication(call: Call, intent: Json, method: Json, return_url: str | None) -> Json:
    payment_methods.save_method(call, method)
    url = f"{call.base_url}/_simulator/authenticate/{intent['id']}"
    if return_url:
        action = {
            "type": "redirect_to_url",
            "redirect_to_url": {"url": url, "return_url": return_url},
        }
    else:
        sdk = {"type": "three_d_secure_redirect", "stripe_js": url}
        action = {"type": "use_stripe_sdk", "use_stripe_sdk": sdk}
    intent |= {"status": "requires_action", "next_action": action}
    events.record(call, "payment_intent.requires_action", intent, save_intent(call, intent))
    return intent


def authenticate(call: Call, intent: Json, *, succeeds: bool) -> None:
    """The card holder answered the bank's question (`/_simulator/authenticate/{id}`)."""
    method = payment_methods.get_method(call, intent["payment_method"])
    decline = payment_methods.get_card(method).decline
    if succeeds and decline is None:
        succeed_intent(call, intent, method)
        return
    if succeeds and decline is not None:
        decline_intent(call, intent, method, decline)
        return
    error = {
        "type": "invalid_request_error",
        "code": "payment_intent_authentication_failure",
        "message": "We are unable to authenticate your payment method. Choose a different "
        "payment method and try again.",
        "payment_method": visible(method),
    }
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "last_payment_error": error,
        "next_action": None,
    }
    events.record(call, "payment_intent.payment_failed", intent, save_intent(call, intent))


def cancel_intent(call: Call, intent: Json, reason: str | None) -> Json:
    if intent["status"] == "requires_capture":
        charges.update_charge(call, intent["latest_charge"], _release, "charge.refunded")
    intent |= {
        "status": "canceled",
        "canceled_at": call.now_seconds,
        "cancellation_reason": reason,
        "amount_capturable": 0,
        "next_action": None,
    }
    events.record(call, "payment_intent.canceled", intent, save_intent(call, intent))
    return intent


def _release(charge: Json) -> None:
    # Stripe shows a released authorization as refunded in full, though no money had moved.
    charge |= {"refunded": True, "amount_refunded": charge["amount"]}


def expire_authorization(call: Call, intent_id: str) -> None:
    """The task that ends an authorization nobody captured within seven days."""
    intent = get_intent(call, intent_id)
    if intent["status"] != "requires_capture":
        return
    charge = charges.get_charge(call, intent["latest_charge"])
    events.record(call, "charge.expired", charge, charges.save_charge(call, charge))
    cancel_intent(call, intent, "automatic")
