"""A past sale as Square would have it: a completed payment and its refunds."""

import uuid

from processors.simulator.accounts import Account, Location
from processors.simulator.call import Call
from processors.simulator.control.past import Batch, PastRefund, PastSale
from processors.simulator.identifiers import to_iso
from processors.simulator.messages import Json
from processors.simulator.objects import visible
from processors.simulator.square_api import fees, payment_objects, refunds
from processors.simulator.square_api.amounts import money
from processors.simulator.square_api.cards import TEST_SOURCES
from processors.simulator.square_api.errors import bad_request
from processors.simulator.square_api.payment_requests import PaymentRequest

_DEFAULT_SOURCE = "cnon:card-nonce-ok"
_LONGEST_REFERENCE = 40


def add_sale(batch: Batch, account: Account, sale: PastSale) -> Json:
    """Add the sale and its refunds; return the payment.

    :raises VendorError: Square would not have taken it.
    """
    request = _build_request(account, sale)
    given = _build_parameters(sale)
    call = Call(batch.simulation, account, account, sale.occurred_ms, given, {})
    payment = payment_objects.build_payment(call, request)
    payment_objects.mark_completed(payment, to_iso(sale.occurred_ms))
    if request.method == "CARD":
        payment["processing_fee"] = fees.describe_fee(call, payment, sale.occurred_ms)
    batch.movements.append(fees.payment_movement(call, payment, sale.occurred_ms))
    for past in sale.refunds:
        _add_refund(batch, call, payment, past)
    _add_payment(batch, call, payment, sale)
    return visible(payment)


def _build_request(account: Account, sale: PastSale) -> PaymentRequest:
    if sale.metadata:
        raise bad_request("Square payments have no metadata.", field="metadata")
    if len(sale.reference or "") > _LONGEST_REFERENCE:
        raise bad_request("A reference_id has at most 40 characters.", field="reference")
    source_id = sale.payment_method or _DEFAULT_SOURCE
    if sale.method != "CARD":
        source_id = sale.method
    elif source_id not in TEST_SOURCES or TEST_SOURCES[source_id].decline:
        raise bad_request(f"{source_id} is not a test card that pays.", field="payment_method")
    return PaymentRequest(
        source_id=source_id,
        method=sale.method,
        location=_find_location(account, sale.currency),
        amount_minor=sale.amount_minor,
        tip_minor=sale.tip_minor,
        delay_duration="PT168H",
        delay_ms=7 * 24 * 60 * 60 * 1000,
        delay_action="CANCEL",
    )


def _find_location(account: Account, currency: str) -> Location:
    for location in account.get_locations():
        if location.currency == currency:
            return location
    raise bad_request(f"No location of {account.account_id} takes {currency}.", field="currency")


def _build_parameters(sale: PastSale) -> Json:
    given: Json = {
        "idempotency_key": str(uuid.uuid4()),
        "reference_id": sale.reference,
        "note": sale.description,
    }
    if sale.method == "CASH":
        supplied = money(sale.total_minor, sale.currency)
        given["cash_details"] = {"buyer_supplied_money": supplied}
    if sale.method == "EXTERNAL":
        given["external_details"] = {"type": "OTHER", "source": "Recorded by hand"}
    return given


def _add_refund(batch: Batch, call: Call, payment: Json, past: PastRefund) -> None:
    moment_ms = past.occurred_ms
    refund = refunds.build_refund(payment, past.amount_minor, moment_ms, None)
    refunds.apply_refund(payment, refund)
    payment_objects.touch(payment, to_iso(moment_ms))
    scope = call.scope(refunds.KIND)
    text = batch.add_object(scope, refund, created_ms=moment_ms, parent=payment["id"])
    batch.movements.append(fees.refund_movement(call, refund, payment, moment_ms))
    batch.add_event(scope, "refund.created", refund["id"], moment_ms, text)


def _add_payment(batch: Batch, call: Call, payment: Json, sale: PastSale) -> None:
    scope = call.scope(payment_objects.KIND)
    text = batch.add_object(
        scope,
        payment,
        created_ms=sale.occurred_ms,
        updated_ms=sale.changed_ms,
        parent=payment["_idempotency_key"],
    )
    batch.add_event(scope, "payment.created", payment["id"], sale.occurred_ms, text)
    batch.add_event(scope, "payment.updated", payment["id"], sale.changed_ms, text)
