"""Payment methods: cards and bank accounts, by test token or test number.

A test token such as `pm_card_visa` is not an object: naming it makes a new payment method, as at
Stripe. One that was charged without belonging to a customer cannot be charged again.
"""

from processors.simulator.call import Call
from processors.simulator.identifiers import stripe_id
from processors.simulator.messages import Json
from processors.simulator.stripe_api import bank_accounts, customers, events
from processors.simulator.stripe_api.bank_accounts import TEST_BANKS, TestBank
from processors.simulator.stripe_api.cards import (
    TEST_CARDS,
    TestCard,
    describe_card,
    find_by_card_token,
    find_by_number,
)
from processors.simulator.stripe_api.errors import StripeError, invalid, missing
from processors.simulator.stripe_api.listing import list_objects, read_page

KIND = "payment_method"
_EXPIRES_MONTH, _EXPIRES_YEAR = 8, 2035
# Declined when charged, though a customer may have it.
_ATTACHABLE = {
    "pm_card_chargeCustomerFail",
    "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
}
_NO_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
_NOBODY = {"address": _NO_ADDRESS, "email": None, "name": None, "phone": None, "tax_id": None}


def build_method(token: str, created_ms: int, given: Json | None = None) -> Json:
    """A new payment method for a test token; `given` has `card` dates and billing details."""
    given = given or {}
    return {
        "id": stripe_id("pm"),
        "object": "payment_method",
        "allow_redisplay": given.get("allow_redisplay") or "unspecified",
        "billing_details": {**_NOBODY, **(given.get("billing_details") or {})},
        "created": created_ms // 1000,
        "customer": None,
        "livemode": False,
        "metadata": given.get("metadata") or {},
        **_describe(token, given),
        "_token": token,
        "_consumed": False,
        "_mandate": None,
    }


def _describe(token: str, given: Json) -> Json:
    if token in TEST_BANKS:
        kind = bank_accounts.TYPE
        described = bank_accounts.describe_bank(TEST_BANKS[token], given.get(kind) or {})
        return {"type": kind, kind: described}
    card = given.get("card") or {}
    described = describe_card(
        TEST_CARDS[token],
        expires_month=card.get("exp_month", _EXPIRES_MONTH),
        expires_year=card.get("exp_year", _EXPIRES_YEAR),
    )
    return {"type": "card", "card": described}


def is_test_token(name: str) -> bool:
    return name in TEST_CARDS or name in TEST_BANKS


def find_bank(method: Json) -> TestBank | None:
    """The test bank account behind a method; None for a card."""
    return TEST_BANKS.get(method["_token"])


def get_card(method: Json) -> TestCard:
    return TEST_CARDS[method["_token"]]


def save_method(call: Call, method: Json) -> str:
    created_ms = method["created"] * 1000
    return call.save(KIND, method, parent=method["customer"], created_ms=created_ms)


def find_chargeable(call: Call, token_or_id: str, customer: str | None) -> Json:
    """The payment method to charge; a test token makes a new one, which is not stored yet.

    :raises StripeError: it is unknown, somebody else's, or was used up.
    """
    if is_test_token(token_or_id):
        return build_method(token_or_id, call.now_ms)
    method = call.find(KIND, token_or_id)
    if method is None:
        raise missing("PaymentMethod", token_or_id, param="payment_method", status=400)
    if method["customer"] and method["customer"] != customer:
        raise invalid(
            f"The payment method {token_or_id} belongs to customer {method['customer']}. "
            "Include that customer in the `customer` parameter.",
            param="payment_method",
        )
    if method["_consumed"] and not method["customer"]:
        raise invalid(
            "The provided PaymentMethod was used before without being attached to a Customer, "
            "or was detached from one, and cannot be used again. Attach it to a Customer first.",
            param="payment_method",
        )
    return method


def build_from_parameters(call: Call, given: Json) -> Json:
    """A method from `payment_method_data` or the parameters of a creation.

    :raises StripeError: it is neither card nor bank account, or none of the test ones.
    """
    kind = given.get("type")
    if kind == bank_accounts.TYPE:
        return build_method(_find_bank_token(given.get(kind) or {}), call.now_ms, given)
    if kind != "card":
        message = f"The simulator takes methods of type card or {bank_accounts.TYPE}, not {kind}."
        raise invalid(message, param="type")
    return build_method(_find_token(given.get("card") or {}), call.now_ms, given)


def _find_bank_token(given: Json) -> str:
    token = bank_accounts.find_by_number(given.get("account_number") or "")
    if token is None:
        message = "The simulator knows Stripe's test bank accounts only."
        raise invalid(message, param="us_bank_account[account_number]")
    return token


def _find_token(card: Json) -> str:
    number, card_token = card.get("number"), card.get("token")
    token = find_by_card_token(card_token) if card_token else find_by_number(number or "")
    if token is None and card_token:
        raise missing("token", card_token, param="card[token]", status=400)
    if token is None:
        raise StripeError(
            402,
            "Your card number is incorrect. The simulator knows Stripe's test cards only.",
            error_type="card_error",
            code="incorrect_number",
            param="number",
        )
    return token


def create(call: Call) -> Json:
    method = build_from_parameters(call, call.parameters)
    save_method(call, method)
    return method


def get_method(call: Call, method_id: str) -> Json:
    """:raises StripeError: 404, there is no such payment method on this account."""
    method = call.find(KIND, method_id)
    if method is None:
        raise missing("PaymentMethod", method_id)
    return method


def retrieve(call: Call) -> Json:
    return get_method(call, call.ids["id"])


def attach(call: Call) -> Json:
    """Give the method to a customer; a test token is turned into a method first.

    :raises StripeError: 402 for a card the bank refuses to save, 400 for one that is taken.
    """
    method_id = call.ids["id"]
    if is_test_token(method_id):
        method = build_method(method_id, call.now_ms)
    else:
        method = get_method(call, method_id)
    customer_id = call.parameters.get("customer")
    if not customer_id:
        raise invalid(
            "Missing required param: customer.", code="parameter_missing", param="customer"
        )
    customers.get_customer(call, customer_id, param="customer", status=400)
    check_attachable(method, customer_id)
    return attach_to(call, method, customer_id)


def check_attachable(method: Json, customer_id: str) -> None:
    """:raises StripeError: it is somebody else's, or its bank refuses to have it saved."""
    if method["customer"] not in (None, customer_id):
        raise invalid("The payment method you provided has already been attached to a customer.")
    if find_bank(method):
        return
    decline = get_card(method).decline
    if decline is not None and method["_token"] not in _ATTACHABLE:
        raise StripeError(
            402,
            decline.message,
            error_type="card_error",
            code=decline.code,
            decline_code=decline.decline_code,
        )


def attach_to(call: Call, method: Json, customer_id: str) -> Json:
    method["customer"] = customer_id
    events.record(call, "payment_method.attached", method, save_method(call, method))
    return method


def detach(call: Call) -> Json:
    method = get_method(call, call.ids["id"])
    if not method["customer"]:
        raise invalid("The payment method you provided is not attached to a customer.")
    # Stripe never lets a detached card be charged again.
    before = {"customer": method["customer"]}
    method |= {"customer": None, "_consumed": True}
    text = save_method(call, method)
    events.record(call, "payment_method.detached", method, text, previous=before)
    return method


def list_methods(call: Call) -> Json:
    customer_id = call.ids.get("customer") or call.parameters.get("customer")
    if customer_id:
        customers.get_customer(call, customer_id, param="customer")
    page = read_page(call, equal={"type": call.parameters.get("type")}, parent=customer_id)
    url = "/v1/payment_methods"
    if "customer" in call.ids:
        url = f"/v1/customers/{customer_id}/payment_methods"
    return list_objects(call, KIND, url, page)


def retrieve_of_customer(call: Call) -> Json:
    method = get_method(call, call.ids["id"])
    if method["customer"] != call.ids["customer"]:
        raise missing("PaymentMethod", call.ids["id"])
    return method
