"""What a CreatePayment request asks for, once it makes sense."""

from dataclasses import dataclass

from processors.simulator.accounts import Account, Location
from processors.simulator.call import Call
from processors.simulator.messages import Json
from processors.simulator.square_api import customers
from processors.simulator.square_api.amounts import check_minimum, read_amount
from processors.simulator.square_api.cards import TEST_SOURCES
from processors.simulator.square_api.durations import read_duration
from processors.simulator.square_api.errors import SquareError, bad_request

_DEFAULT_DELAY = "PT168H"
_RECORDED = ("CASH", "EXTERNAL")


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """`method` is Square's source type: CARD, CASH or EXTERNAL. Amounts in minor units."""

    source_id: str
    method: str
    location: Location
    amount_minor: int
    tip_minor: int
    delay_duration: str
    delay_ms: int
    delay_action: str


def read_payment_request(call: Call) -> PaymentRequest:
    """:raises SquareError: something is missing, unknown, or the account may not do it."""
    given = call.parameters
    method = _read_method(given)
    location = find_location(call.account, given.get("location_id"))
    amount_minor = read_amount(given, "amount_money", location.currency)
    check_minimum(call.account, amount_minor)
    tip_minor = 0
    if given.get("tip_money"):
        tip_minor = read_amount(given, "tip_money", location.currency, lowest=0)
    _check_details(given, method, location.currency)
    if given.get("customer_id"):
        customers.get_customer(call, given["customer_id"])
    if method == "CARD" and not call.account.charges_enabled:
        detail = "The location is not enabled for credit card processing."
        raise SquareError(403, "CARD_PROCESSING_NOT_ENABLED", detail)
    duration = given.get("delay_duration") or _DEFAULT_DELAY
    return PaymentRequest(
        source_id=given["source_id"],
        method=method,
        location=location,
        amount_minor=amount_minor,
        tip_minor=tip_minor,
        delay_duration=duration,
        delay_ms=_read_delay(given, method, duration),
        delay_action=given.get("delay_action") or "CANCEL",
    )


def _read_method(given: Json) -> str:
    source_id = given["source_id"]
    if source_id in _RECORDED:
        return str(source_id)
    if source_id not in TEST_SOURCES:
        raise SquareError(404, "NOT_FOUND", f"Card nonce not found: {source_id}", field="source_id")
    return "CARD"


def find_location(account: Account, location_id: str | None) -> Location:
    """The location with this id, else the main one.

    :raises SquareError: the account has no such location.
    """
    locations = account.get_locations()
    if location_id is None:
        return locations[0]
    for location in locations:
        if location.id == location_id:
            return location
    detail = f"Location `{location_id}` is not one of this seller's."
    raise SquareError(404, "NOT_FOUND", detail, field="location_id")


def _check_details(given: Json, method: str, currency: str) -> None:
    """Cash needs what the buyer handed over, an external payment where it came from."""
    needed = {"CASH": "cash_details", "EXTERNAL": "external_details"}.get(method)
    if needed and not given.get(needed):
        detail = f"Field must be set: {needed}"
        raise SquareError(400, "MISSING_REQUIRED_PARAMETER", detail, field=needed)
    if method == "CASH":
        supplied = read_amount(given["cash_details"], "buyer_supplied_money", currency)
        if supplied < given["amount_money"]["amount"]:
            raise bad_request(
                "The buyer supplied less cash than the payment's amount.",
                field="cash_details.buyer_supplied_money",
            )


def _read_delay(given: Json, method: str, duration: str) -> int:
    is_delayed = given.get("autocomplete") is False
    if is_delayed and method != "CARD":
        raise bad_request("Only card payments can be delayed.", field="autocomplete")
    for name in ("delay_duration", "delay_action"):
        if given.get(name) and not is_delayed:
            raise bad_request(f"`{name}` needs `autocomplete: false`.", field=name)
    if given.get("delay_action") not in (None, "CANCEL", "COMPLETE"):
        detail = f"`{given['delay_action']}` is neither CANCEL nor COMPLETE."
        raise SquareError(400, "INVALID_ENUM_VALUE", detail, field="delay_action")
    try:
        return read_duration(duration)
    except ValueError as error:
        raise SquareError(400, "INVALID_VALUE", str(error), field="delay_duration") from None
