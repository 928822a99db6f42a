"""What Stripe says, as the adapter contract's tests need it."""

from datetime import UTC, datetime
from typing import Any

from processors.contract import ChargeRequest
from processors.errors import CredentialsRefused, ProcessorBusy, RequestRefused

BASE_SETTING = "STRIPE_API_BASE"
CREDENTIALS = {"secret_key": "sk_test_very_secret"}
PAYMENT_TOKEN = "pm_card_visa"
PAYMENT_ID = "pi_1"


def charged(request: ChargeRequest) -> dict[str, Any]:
    return {
        "id": PAYMENT_ID,
        "object": "payment_intent",
        "amount": request.amount.amount_minor,
        "currency": request.amount.currency.lower(),
        "client_secret": "pi_1_secret_abc",
        "status": "succeeded",
        "metadata": {"reference": request.reference},
        "latest_charge": charge(request),
    }


def charge(request: ChargeRequest) -> dict[str, Any]:
    return {
        "id": "ch_1",
        "object": "charge",
        "amount": request.amount.amount_minor,
        "amount_captured": request.amount.amount_minor,
        "amount_refunded": 0,
        "balance_transaction": {
            "id": "txn_1",
            "object": "balance_transaction",
            "fee": 248,
            "currency": request.amount.currency.lower(),
            "available_on": 1_800_172_800,
        },
        "captured": True,
        "created": 1_800_000_000,
        "currency": request.amount.currency.lower(),
        "disputed": False,
        "metadata": {
            "reference": request.reference,
            "tip_minor": str(request.tip.amount_minor),
        },
        "payment_intent": PAYMENT_ID,
        "payment_method_details": {"type": "card", "card": {"last4": "4242"}},
        "refunded": False,
        "status": "succeeded",
    }


def _charged_with(request: ChargeRequest, **changes: object) -> dict[str, Any]:
    return charged(request) | changes


def _charge_with(request: ChargeRequest, **changes: object) -> dict[str, Any]:
    return _charged_with(request, latest_charge=charge(request) | changes)


def answers_about_something_else(request: ChargeRequest) -> dict[str, Any]:
    """Well-formed successes, none of which is the answer to `request`."""
    amount = request.amount.amount_minor
    return {
        "other reference": _charged_with(request, metadata={"reference": "leg_other"}),
        "no reference": _charged_with(request, metadata={}),
        "other amount": _charged_with(request, amount=amount + 1),
        "amount as text": _charged_with(request, amount=str(amount)),
        "other currency": _charged_with(request, currency="cad"),
        "unknown status": _charged_with(request, status="teleported"),
        "wants a capture": held(request),
        "canceled": canceled(request),
        "failed": failed(request),
        "other object": _charged_with(request, object="setup_intent"),
        "no id": _charged_with(request, id=None),
        "no charge": _charged_with(request, latest_charge=None),
        "charge not expanded": _charged_with(request, latest_charge="ch_1"),
        "charge of another payment": _charge_with(request, payment_intent="pi_2"),
        "charge of another amount": _charge_with(request, amount_captured=amount - 1),
        "charge not captured": _charge_with(request, captured=False),
        "charge failed": _charge_with(request, status="failed"),
        "charge with another tip": _charge_with(
            request, metadata={"reference": request.reference, "tip_minor": "1"}
        ),
    }


def decline(request: ChargeRequest) -> tuple[int, dict[str, Any], str]:
    """Return status, body and the reason it gives."""
    intent = charged(request) | {"status": "requires_payment_method", "latest_charge": "ch_1"}
    return (
        402,
        _error("card_error", "card_declined", "insufficient_funds", intent),
        ("insufficient_funds"),
    )


def declines_about_something_else(request: ChargeRequest) -> dict[str, tuple[int, Any]]:
    """Declines that do not prove that no money moved."""
    intent = charged(request)
    idle = intent | {"status": "requires_payment_method"}
    return {
        "payment succeeded": (402, _error("card_error", "card_declined", "x", intent)),
        "other reference": (402, _error("card_error", "x", "x", idle | {"metadata": {}})),
        "other amount": (402, _error("card_error", "x", "x", idle | {"amount": 1})),
        "no reason": (402, {"error": {"type": "card_error"}}),
        "another status": (400, _error("card_error", "card_declined", "x", idle)),
    }


REFUSALS: dict[str, tuple[int, Any, type[Exception]]] = {
    "bad request": (400, {"error": {"type": "invalid_request_error", "code": "amount_too_small",
                                    "param": "amount"}}, RequestRefused),
    "no code": (400, {"error": {"type": "invalid_request_error"}}, RequestRefused),
    "unknown token": (404, {"error": {"type": "invalid_request_error",
                                      "code": "resource_missing"}}, RequestRefused),
    "bad key": (401, {"error": {"type": "invalid_request_error"}}, CredentialsRefused),
    "no permission": (403, {"error": {"type": "invalid_request_error"}}, CredentialsRefused),
    "slow down": (429, {"error": {"type": "invalid_request_error", "code": "rate_limit"}},
                  ProcessorBusy),
    "slow down as 400": (400, {"error": {"type": "invalid_request_error", "code": "rate_limit"}},
                         ProcessorBusy),
}  # fmt: skip

REVOKED = REFUSALS["bad key"]

UNCLEAR: dict[str, tuple[int, Any]] = {
    "key with other parameters": (400, {"error": {"type": "idempotency_error"}}),
    "key in use": (409, {"error": {"type": "invalid_request_error",
                                   "code": "idempotency_key_in_use"}}),
    "key in use, as a refusal": (400, {"error": {"type": "invalid_request_error",
                                                 "code": "idempotency_key_in_use"}}),
    "lock": (409, {"error": {"type": "invalid_request_error"}}),
    "their fault": (500, {"error": {"type": "api_error"}}),
    "their fault, as a refusal": (503, {"error": {"type": "invalid_request_error"}}),
    "402 that is no card": (402, {"error": {"type": "invalid_request_error"}}),
    "unknown type": (400, {"error": {"type": "api_error"}}),
    "error is a text": (400, {"error": "invalid_request_error"}),
    "error is a list": (400, {"error": [{"type": "invalid_request_error"}]}),
    "proxy's 401": (401, {"message": "Unauthorized"}),
}  # fmt: skip


AUTHORIZED_UNTIL = datetime.fromtimestamp(1_800_400_000, UTC)
FAILURE = ("insufficient_funds", "Your card has insufficient funds.")


def held(request: ChargeRequest) -> dict[str, Any]:
    """An authorization that waits for its capture."""
    card = {"last4": "4242", "capture_before": 1_800_400_000}
    return _charge_with(
        request,
        captured=False,
        amount_captured=0,
        balance_transaction=None,
        payment_method_details={"type": "card", "card": card},
    ) | {"status": "requires_capture"}


def canceled(request: ChargeRequest) -> dict[str, Any]:
    return _charged_with(request, status="canceled", latest_charge=None, amount_received=0)


def pending(request: ChargeRequest) -> dict[str, Any]:
    return _charged_with(request, status="processing", latest_charge=None)


def failed(request: ChargeRequest) -> dict[str, Any]:
    error = {"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds"}
    return _charged_with(
        request,
        status="requires_payment_method",
        latest_charge="ch_1",
        amount_received=0,
        last_payment_error=error | {"message": "Your card has insufficient funds."},
    )


def renamed(answer: dict[str, Any], payment_id: str) -> dict[str, Any]:
    """The same, said of another payment of the processor's."""
    charge_ = answer["latest_charge"]
    if isinstance(charge_, dict):
        charge_ = charge_ | {"payment_intent": payment_id}
    return answer | {"id": payment_id, "latest_charge": charge_}


def not_in_this_state(request: ChargeRequest) -> tuple[int, dict[str, Any]]:
    """The refusal to cancel or capture what is not in a state for it."""
    return 400, _error("invalid_request_error", "payment_intent_unexpected_state", "", {})


def listed(answers: list[dict[str, Any]], *, has_more: bool = False) -> dict[str, Any]:
    """One page of a list of these answers."""
    data = [answer | {"latest_charge": "ch_1"} for answer in answers]
    return {"object": "list", "url": "/v1/payment_intents", "has_more": has_more, "data": data}


def malformed_lists(request: ChargeRequest) -> dict[str, Any]:
    page = listed([charged(request)])
    return {
        "other object": page | {"object": "charge"},
        "no data": page | {"data": None},
        "data is an object": page | {"data": {}},
        "item is a text": page | {"data": ["pi_1"]},
        "no end": page | {"has_more": None},
        "more of nothing": page | {"data": [], "has_more": True},
        "always the same page": listed([charged(request) | {"metadata": {}}], has_more=True),
        "a payment": charged(request),
    }


def _error(kind: str, code: str, decline_code: str, intent: object) -> dict[str, Any]:
    return {
        "error": {
            "type": kind,
            "code": code,
            "decline_code": decline_code,
            "message": "Refused: pm_card_visa of sk_test_very_secret",
            "payment_intent": intent,
        }
    }
