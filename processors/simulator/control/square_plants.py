"""Differences at Square: in a payment."""

from collections.abc import Callable

from processors.simulator.call import Call
from processors.simulator.control.planting import (
    Difference,
    Planted,
    change_movement,
    remove,
    remove_movement,
    rewrite,
)
from processors.simulator.control.requests import BadRequest
from processors.simulator.messages import Json
from processors.simulator.square_api.amounts import money
from processors.simulator.square_api.payment_objects import KIND

_MONEY = ("amount_money", "total_money", "approved_money", "tip_money")


def plant(call: Call, payment: Json, difference: Difference) -> Planted:
    """:raises BadRequest: the payment is not one a difference can be planted in."""
    if payment["status"] != "COMPLETED" or payment.get("refunded_money"):
        raise BadRequest("A difference is planted in a completed payment without refunds.")
    before = _describe(payment)
    _KINDS[difference.kind](call, payment, difference)
    if difference.kind == "deleted":
        return Planted(payment["id"], before, {})
    rewrite(call, KIND, payment)
    return Planted(payment["id"], before, _describe(payment))


def _describe(payment: Json) -> Json:
    fees = payment.get("processing_fee")
    return {
        "amount_minor": payment["total_money"]["amount"],
        "currency": payment["total_money"]["currency"],
        "fee_minor": fees[0]["amount_money"]["amount"] if fees else None,
        "status": payment["status"],
    }


def _change_amount(call: Call, payment: Json, difference: Difference) -> None:
    """The whole, tip included; a tip that no longer fits is gone."""
    total_minor = difference.amount_minor or 0
    currency = payment["total_money"]["currency"]
    tip_minor = payment.get("tip_money", {}).get("amount", 0)
    if tip_minor >= total_minor:
        payment.pop("tip_money", None)
        tip_minor = 0
    payment["amount_money"] = money(total_minor - tip_minor, currency)
    payment["total_money"] = payment["approved_money"] = money(total_minor, currency)
    change_movement(
        call,
        payment["id"],
        amount_minor=total_minor,
        settled_minor=total_minor,
        tip_minor=tip_minor,
    )


def _change_currency(call: Call, payment: Json, difference: Difference) -> None:
    currency = (difference.currency or "").upper()
    for name in _MONEY:
        if name in payment:
            payment[name] = money(payment[name]["amount"], currency)
    for fee in payment.get("processing_fee", []):
        fee["amount_money"]["currency"] = currency
    change_movement(call, payment["id"], currency=currency, settlement_currency=currency)


def _change_fee(call: Call, payment: Json, difference: Difference) -> None:
    if not payment.get("processing_fee"):
        raise BadRequest("The fee of this payment is not known.")
    fee_minor = difference.fee_minor or 0
    payment["processing_fee"][0]["amount_money"]["amount"] = fee_minor
    change_movement(call, payment["id"], fee_minor=fee_minor)


def _cancel(call: Call, payment: Json, _difference: Difference) -> None:
    payment["status"] = "CANCELED"
    payment.pop("processing_fee", None)
    payment.pop("approved_money", None)
    if "card_details" in payment:
        payment["card_details"]["status"] = "VOIDED"
    remove_movement(call, payment["id"])


def _delete(call: Call, payment: Json, _difference: Difference) -> None:
    remove(call, KIND, payment["id"])
    remove_movement(call, payment["id"])


_KINDS: dict[str, Callable[[Call, Json, Difference], None]] = {
    "amount": _change_amount,
    "currency": _change_currency,
    "fee": _change_fee,
    "status": _cancel,
    "deleted": _delete,
}
