"""Refunds of completed payments, whole or in parts."""

from square.types.get_payment_refund_response import GetPaymentRefundResponse
from square.types.list_payment_refunds_response import ListPaymentRefundsResponse
from square.types.refund_payment_response import RefundPaymentResponse

from processors.simulator.call import Call
from processors.simulator.identifiers import square_id, to_iso
from processors.simulator.messages import Json
from processors.simulator.schedule import DueTask
from processors.simulator.square_api import events, fees, payment_objects
from processors.simulator.square_api.amounts import money, read_amount
from processors.simulator.square_api.answers import respond
from processors.simulator.square_api.dispute_objects import is_charged_back
from processors.simulator.square_api.errors import SquareError, bad_request, not_found
from processors.simulator.square_api.listing import list_page, read_query
from processors.simulator.square_api.payments import get_payment

KIND = "refund"
COMPLETE_TASK = "square.complete_refund"


def create(call: Call) -> RefundPaymentResponse:
    """Refund a part or all of what is left.

    :raises SquareError: the payment is not completed, or less than the amount is left.
    """
    given = call.parameters
    if given.get("unlinked") or not given.get("payment_id"):
        raise bad_request(
            "The simulator refunds payments only: set payment_id.", field="payment_id"
        )
    payment = get_payment(call, given["payment_id"])
    amount_minor = read_amount(given, "amount_money", payment["total_money"]["currency"])
    pending_ms = int(call.account.refund_delay_seconds * 1000)
    refund = refund_payment(call, payment, amount_minor, pending_ms=pending_ms)
    return respond(RefundPaymentResponse, refund=refund)


def refund_payment(call: Call, payment: Json, amount_minor: int, *, pending_ms: int | None) -> Json:
    """Refund an amount; pending for so long, None until somebody says how it went.

    :raises SquareError: the payment cannot be refunded, or not that much.
    """
    _check_completed(payment)
    _check_not_disputed(call, payment)
    _check_left(payment, amount_minor)
    refund = build_refund(payment, amount_minor, call.now_ms, call.parameters.get("reason"))
    _apply_to_payment(call, payment, refund)
    call.simulation.movements.record(fees.refund_movement(call, refund, payment, call.now_ms))
    if pending_ms != 0:
        refund["status"] = "PENDING"
    if pending_ms:
        schedule(call, COMPLETE_TASK, refund, pending_ms)
    events.record(call, "refund.created", refund, save_refund(call, refund))
    text = payment_objects.save_payment(call, payment)
    events.record(call, "payment.updated", payment, text)
    return refund


def schedule(call: Call, task: str, refund: Json, in_ms: int) -> None:
    due = DueTask(call.now_ms + in_ms, task, "square", call.account.account_id, refund["id"])
    call.simulation.schedule.add(due)


def _check_completed(payment: Json) -> None:
    if payment["status"] != "COMPLETED":
        raise SquareError(
            400,
            "REFUND_ERROR_PAYMENT_NEEDS_COMPLETION",
            f"Payment {payment['id']} is {payment['status']}; only completed ones are refunded.",
            category="REFUND_ERROR",
            field="payment_id",
        )


def _check_not_disputed(call: Call, payment: Json) -> None:
    if is_charged_back(call, payment["id"]):
        raise SquareError(
            400,
            "PAYMENT_NOT_REFUNDABLE_DUE_TO_DISPUTE",
            f"Payment {payment['id']} is disputed and cannot be refunded.",
            category="REFUND_ERROR",
            field="payment_id",
        )


def get_left(payment: Json) -> int:
    refunded: int = payment.get("refunded_money", {}).get("amount", 0)
    total: int = payment["total_money"]["amount"]
    return total - refunded


def _check_left(payment: Json, amount_minor: int) -> None:
    left_minor = get_left(payment)
    if not 0 < amount_minor <= left_minor:
        raise SquareError(
            400,
            "REFUND_AMOUNT_INVALID",
            f"The requested refund amount exceeds the amount available to refund ({left_minor}).",
            category="REFUND_ERROR",
            field="amount_money.amount",
        )


def build_refund(payment: Json, amount_minor: int, moment_ms: int, reason: str | None) -> Json:
    created_at = to_iso(moment_ms)
    refund = {
        "id": f"{payment['id']}_{square_id()}",
        "status": "COMPLETED",
        "amount_money": money(amount_minor, payment["total_money"]["currency"]),
        "payment_id": payment["id"],
        "order_id": payment["order_id"],
        "location_id": payment["location_id"],
        "destination_type": payment["source_type"],
        "created_at": created_at,
        "updated_at": created_at,
    }
    return {**refund, "reason": reason} if reason else refund


def _apply_to_payment(call: Call, payment: Json, refund: Json) -> None:
    apply_refund(payment, refund)
    payment_objects.touch(payment, to_iso(call.now_ms))


def apply_refund(payment: Json, refund: Json) -> None:
    currency = payment["total_money"]["currency"]
    refunded = payment.get("refunded_money", {}).get("amount", 0)
    payment["refunded_money"] = money(refunded + refund["amount_money"]["amount"], currency)
    payment["refund_ids"] = [*payment.get("refund_ids", []), refund["id"]]


def complete_refund(call: Call, refund_id: str) -> None:
    """The task that ends a pending refund well."""
    refund = get_refund(call, refund_id)
    if refund["status"] != "PENDING":
        return
    refund |= {"status": "COMPLETED", "updated_at": to_iso(call.now_ms)}
    events.record(call, "refund.updated", refund, save_refund(call, refund))


def save_refund(call: Call, refund: Json) -> str:
    return call.save(KIND, refund, parent=refund["payment_id"])


def get_refund(call: Call, refund_id: str) -> Json:
    """:raises SquareError: 404, there is no such refund of this seller."""
    refund = call.find(KIND, refund_id)
    if refund is None:
        raise not_found("refund", refund_id)
    return refund


def retrieve(call: Call) -> GetPaymentRefundResponse:
    return respond(GetPaymentRefundResponse, refund=get_refund(call, call.ids["refund_id"]))


def list_refunds(call: Call) -> ListPaymentRefundsResponse:
    given = call.parameters
    equal = {
        "location_id": given.get("location_id"),
        "status": given.get("status"),
        "destination_type": given.get("source_type"),
    }
    refunds, cursor = list_page(call, KIND, read_query(call, equal=equal))
    return respond(ListPaymentRefundsResponse, refunds=refunds, cursor=cursor)
