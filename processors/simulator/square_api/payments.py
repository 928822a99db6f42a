"""Payments: their addresses. How one is built is `payment_objects.py`.

APPROVED ──► COMPLETED      completed, at once or by request, or by its delay action
         ──► CANCELED       by request, by its idempotency key, or when its delay is over
FAILED                      the card was declined: 402, and the payment is kept
"""

from square.types.cancel_payment_by_idempotency_key_response import (
    CancelPaymentByIdempotencyKeyResponse,
)
from square.types.cancel_payment_response import CancelPaymentResponse
from square.types.complete_payment_response import CompletePaymentResponse
from square.types.create_payment_response import CreatePaymentResponse
from square.types.get_payment_response import GetPaymentResponse
from square.types.list_payments_response import ListPaymentsResponse

from processors.simulator.call import Call
from processors.simulator.identifiers import to_iso
from processors.simulator.messages import Answer, Json
from processors.simulator.objects import Query
from processors.simulator.schedule import DueTask
from processors.simulator.square_api import events, fees
from processors.simulator.square_api.answers import model_answer, respond
from processors.simulator.square_api.cards import TEST_SOURCES, TestSource, find_decline
from processors.simulator.square_api.errors import SquareError, describe_error, not_found
from processors.simulator.square_api.listing import list_page, read_query
from processors.simulator.square_api.payment_objects import (
    KIND,
    build_payment,
    fail_payment,
    mark_canceled,
    mark_completed,
    save_payment,
)
from processors.simulator.square_api.payment_requests import read_payment_request

DELAY_TASK = "square.end_delay"


def create(call: Call) -> CreatePaymentResponse | Answer:
    """Take a payment: completed, or only approved with `autocomplete: false`."""
    request = read_payment_request(call)
    payment = build_payment(call, request)
    source = TEST_SOURCES.get(request.source_id)
    if source is not None:
        declined = find_decline(source, call.parameters.get("verification_token"))
        if declined is not None:
            return _decline(call, payment, source, declined)
    events.record(call, "payment.created", payment, save_payment(call, payment))
    if call.parameters.get("autocomplete") is False:
        _schedule_delay(call, payment)
    else:
        complete_payment(call, payment)
    return respond(CreatePaymentResponse, payment=payment)


def _decline(call: Call, payment: Json, source: TestSource, code: str) -> Answer:
    error = describe_error(code, source.detail, category="PAYMENT_METHOD_ERROR")
    fail_payment(payment, error)
    text = save_payment(call, payment)
    events.record(call, "payment.created", payment, text)
    events.record(call, "payment.updated", payment, text)
    return model_answer(402, respond(CreatePaymentResponse, errors=[error], payment=payment))


def _schedule_delay(call: Call, payment: Json) -> None:
    account_id = call.account.account_id
    due_ms = call.now_ms + payment["_delay_ms"]
    call.simulation.schedule.add(DueTask(due_ms, DELAY_TASK, "square", account_id, payment["id"]))


def complete_payment(call: Call, payment: Json) -> None:
    """Take an approved payment's money, and tell of it."""
    mark_completed(payment, to_iso(call.now_ms))
    fees.settle_payment(call, payment)
    events.record(call, "payment.updated", payment, save_payment(call, payment))


def _cancel(call: Call, payment: Json) -> None:
    mark_canceled(payment, to_iso(call.now_ms))
    events.record(call, "payment.updated", payment, save_payment(call, payment))


def end_delay(call: Call, payment_id: str) -> None:
    """The task that does a payment's `delay_action` when its delay is over."""
    payment = get_payment(call, payment_id)
    if payment["status"] != "APPROVED":
        return
    if payment["delay_action"] == "COMPLETE":
        complete_payment(call, payment)
    else:
        _cancel(call, payment)


def get_payment(call: Call, payment_id: str) -> Json:
    """:raises SquareError: 404, there is no such payment on this account."""
    payment = call.find(KIND, payment_id)
    if payment is None:
        raise not_found("payment", payment_id)
    return payment


def retrieve(call: Call) -> GetPaymentResponse:
    return respond(GetPaymentResponse, payment=get_payment(call, call.ids["payment_id"]))


def complete(call: Call) -> CompletePaymentResponse:
    payment = _get_approved(call, call.ids["payment_id"], "completed")
    version_token = call.parameters.get("version_token")
    if version_token and version_token != payment["version_token"]:
        detail = "The version token does not match the payment's."
        raise SquareError(409, "CONFLICT", detail, field="version_token")
    complete_payment(call, payment)
    return respond(CompletePaymentResponse, payment=payment)


def _get_approved(call: Call, payment_id: str, act: str) -> Json:
    payment = get_payment(call, payment_id)
    if payment["status"] != "APPROVED":
        detail = f"Payment {payment_id} is {payment['status']}, so it cannot be {act}."
        raise SquareError(400, "BAD_REQUEST", detail)
    return payment


def cancel(call: Call) -> CancelPaymentResponse:
    payment = _get_approved(call, call.ids["payment_id"], "canceled")
    _cancel(call, payment)
    return respond(CancelPaymentResponse, payment=payment)


def cancel_by_key(call: Call) -> CancelPaymentByIdempotencyKeyResponse:
    """Cancel the payment a key was used for. A key nobody used is a success too.

    :raises SquareError: 400, the payment is completed already.
    """
    key = call.parameters["idempotency_key"]
    for found in call.list(KIND, Query(parent=key, limit=1)):
        if found["status"] not in ("CANCELED", "FAILED"):
            _cancel(call, _get_approved(call, found["id"], "canceled"))
    return respond(CancelPaymentByIdempotencyKeyResponse)


def list_payments(call: Call) -> ListPaymentsResponse:
    """Without a location Square lists those of the main one."""
    given = call.parameters
    main = call.account.get_locations()[0].id
    equal = {
        "location_id": given.get("location_id") or main,
        "total_money.amount": given.get("total"),
        "card_details.card.last_4": given.get("last_4"),
        "card_details.card.card_brand": given.get("card_brand"),
    }
    payments, cursor = list_page(call, KIND, read_query(call, equal=equal))
    return respond(ListPaymentsResponse, payments=payments, cursor=cursor)
