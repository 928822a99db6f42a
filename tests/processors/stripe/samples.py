"""What Stripe says, as the adapter contract's tests need it."""

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
        "still processing": _charged_with(request, status="processing"),
        "wants a capture": _charged_with(request, status="requires_capture"),
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


def canceled(external_id: str) -> dict[str, Any]:
    return {"id": external_id, "object": "payment_intent", "status": "canceled"}


def not_canceled(external_id: str) -> dict[str, Any]:
    return {
        "other payment": canceled("pi_other"),
        "other state": canceled(external_id) | {"status": "succeeded"},
        "nothing": {},
    }


def already_canceled(external_id: str) -> tuple[int, dict[str, Any]]:
    intent = canceled(external_id)
    return 400, _error("invalid_request_error", "payment_intent_unexpected_state", "", intent)


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
