"""A sale at a Square terminal: a completed payment by card, in cash, or recorded by hand."""

import uuid

from processors.simulator.accounts import Location
from processors.simulator.call import Call
from processors.simulator.control.terminal_sales import TerminalSale
from processors.simulator.messages import Json
from processors.simulator.objects import visible
from processors.simulator.square_api import events, payment_objects, payments
from processors.simulator.square_api.amounts import money
from processors.simulator.square_api.errors import bad_request
from processors.simulator.square_api.payment_requests import PaymentRequest, find_location

_CARD = "cnon:card-nonce-ok"
_DELAY_MS = 36 * 60 * 60 * 1000


def take_sale(call: Call, sale: TerminalSale) -> Json:
    """:raises VendorError: Square would not have taken it."""
    request = PaymentRequest(
        source_id=_CARD if sale.method == "CARD" else sale.method,
        method=sale.method,
        location=_choose_location(call, sale),
        amount_minor=sale.amount_minor,
        tip_minor=sale.tip_minor,
        delay_duration="PT36H",
        delay_ms=_DELAY_MS,
        delay_action="CANCEL",
    )
    call.parameters.update(_build_parameters(sale))
    payment = payment_objects.build_payment(call, request)
    _mark_terminal(payment)
    text = payment_objects.save_payment(call, payment)
    events.record(call, "payment.created", payment, text)
    payments.complete_payment(call, payment)
    return visible(payment)


def _choose_location(call: Call, sale: TerminalSale) -> Location:
    if sale.location_id is not None:
        location = find_location(call.account, sale.location_id)
        if location.currency != sale.currency:
            message = f"Location {location.id} takes {location.currency}, not {sale.currency}."
            raise bad_request(message, field="currency")
        return location
    for location in call.account.get_locations():
        if location.currency == sale.currency:
            return location
    account_id = call.account.account_id
    raise bad_request(f"No location of {account_id} takes {sale.currency}.", field="currency")


def _build_parameters(sale: TerminalSale) -> Json:
    given: Json = {"idempotency_key": str(uuid.uuid4()), "note": sale.note}
    if sale.method == "CASH":
        supplied = money(sale.total_minor, sale.currency)
        given["cash_details"] = {"buyer_supplied_money": supplied}
    if sale.method == "EXTERNAL":
        given["external_details"] = {"type": "OTHER", "source": "Another terminal"}
    return given


def _mark_terminal(payment: Json) -> None:
    payment["application_details"] = {"square_product": "SQUARE_POS"}
    payment["device_details"] = {
        "device_id": "DEVICE_ID:SIMULATED",
        "device_installation_id": "simulated",
        "device_name": "Front desk",
    }
    if "card_details" in payment:
        payment["card_details"]["entry_method"] = "EMV"
