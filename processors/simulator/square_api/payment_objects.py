"""The payment object, and how its state changes show in it."""

import secrets

from processors.simulator.call import Call
from processors.simulator.identifiers import square_id, to_iso
from processors.simulator.messages import Json
from processors.simulator.square_api.amounts import money
from processors.simulator.square_api.cards import TEST_SOURCES, describe_card
from processors.simulator.square_api.payment_requests import PaymentRequest

KIND = "payment"
_KEPT = (
    "app_fee_money",
    "billing_address",
    "buyer_email_address",
    "customer_id",
    "external_details",
    "note",
    "reference_id",
    "shipping_address",
    "statement_description_identifier",
    "team_member_id",
)
_EDITS = ["EDIT_AMOUNT_UP", "EDIT_AMOUNT_DOWN", "EDIT_TIP_AMOUNT_UP", "EDIT_TIP_AMOUNT_DOWN"]


def build_payment(call: Call, request: PaymentRequest) -> Json:
    """An approved payment; absent fields are left out, as Square does."""
    currency = request.location.currency
    total = money(request.amount_minor + request.tip_minor, currency)
    created_at = to_iso(call.now_ms)
    payment_id = square_id()
    payment: Json = {
        "id": payment_id,
        "created_at": created_at,
        "updated_at": created_at,
        "amount_money": money(request.amount_minor, currency),
        "total_money": total,
        "approved_money": total,
        "status": "APPROVED",
        "source_type": request.method,
        "location_id": request.location.id,
        "order_id": call.parameters.get("order_id") or square_id(),
        "receipt_number": payment_id[:4],
        "version_token": _new_version(),
        "_idempotency_key": call.parameters["idempotency_key"],
        "_delay_ms": request.delay_ms,
    }
    if request.tip_minor:
        payment["tip_money"] = money(request.tip_minor, currency)
    payment |= {name: call.parameters[name] for name in _KEPT if call.parameters.get(name)}
    payment |= _describe_source(call, request)
    return payment


def _describe_source(call: Call, request: PaymentRequest) -> Json:
    if request.method == "CASH":
        return {"cash_details": _describe_cash(call.parameters["cash_details"], request)}
    if request.method == "EXTERNAL":
        return {}
    source = TEST_SOURCES[request.source_id]
    created_at = to_iso(call.now_ms)
    return {
        "delay_duration": request.delay_duration,
        "delay_action": request.delay_action,
        "delayed_until": to_iso(call.now_ms + request.delay_ms),
        "capabilities": [*_EDITS, "EDIT_DELAY_ACTION"],
        "card_details": {
            "status": "AUTHORIZED",
            "card": describe_card(source),
            "entry_method": "KEYED",
            "cvv_status": source.cvv,
            "avs_status": source.avs,
            "statement_description": f"SQ *{call.account.name}"[:20].upper(),
            "card_payment_timeline": {"authorized_at": created_at},
        },
    }


def _describe_cash(given: Json, request: PaymentRequest) -> Json:
    supplied = given["buyer_supplied_money"]
    change_minor = supplied["amount"] - request.amount_minor - request.tip_minor
    change = money(max(change_minor, 0), supplied["currency"])
    return {"buyer_supplied_money": supplied, "change_back_money": change}


def _new_version() -> str:
    return secrets.token_urlsafe(24)


def _move(payment: Json, status: str, at: str) -> None:
    payment |= {"status": status, "updated_at": at, "version_token": _new_version()}


def mark_completed(payment: Json, at: str) -> None:
    _move(payment, "COMPLETED", at)
    payment["receipt_url"] = f"https://squareup.com/receipt/preview/{payment['id']}"
    payment.pop("capabilities", None)
    if "card_details" in payment:
        payment["card_details"]["status"] = "CAPTURED"
        payment["card_details"]["card_payment_timeline"]["captured_at"] = at


def mark_canceled(payment: Json, at: str) -> None:
    _move(payment, "CANCELED", at)
    for name in ("approved_money", "capabilities", "receipt_number"):
        payment.pop(name, None)
    if "card_details" in payment:
        payment["card_details"]["status"] = "VOIDED"
        payment["card_details"]["card_payment_timeline"]["voided_at"] = at


def fail_payment(payment: Json, error: Json) -> None:
    payment["status"] = "FAILED"
    for name in ("approved_money", "capabilities", "delayed_until", "receipt_number"):
        payment.pop(name, None)
    payment["card_details"] |= {"status": "FAILED", "errors": [error]}


def save_payment(call: Call, payment: Json) -> str:
    """Store the payment where its idempotency key finds it."""
    return call.save(KIND, payment, parent=payment["_idempotency_key"])


def touch(payment: Json, at: str) -> None:
    """Something about the payment changed, but not its state."""
    _move(payment, payment["status"], at)
