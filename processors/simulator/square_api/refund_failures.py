"""Refunds that fail, also days after Square called them done: the money is the seller's again."""

from processors.simulator.call import Call
from processors.simulator.identifiers import to_iso
from processors.simulator.messages import Json
from processors.simulator.square_api import events, payment_objects
from processors.simulator.square_api.amounts import money
from processors.simulator.square_api.errors import bad_request
from processors.simulator.square_api.payments import get_payment
from processors.simulator.square_api.postings import Move, post
from processors.simulator.square_api.refunds import get_refund, save_refund

FAIL_TASK = "square.fail_refund"
_FAILING = ("PENDING", "COMPLETED")


def fail_due_refund(call: Call, refund_id: str) -> None:
    """The task that makes a refund fail, unless it has failed by itself."""
    refund = get_refund(call, refund_id)
    if refund["status"] in _FAILING:
        fail_refund(call, refund, status="FAILED")


def fail_refund(call: Call, refund: Json, *, status: str) -> None:
    """Return the money to the balance. `status`: FAILED, or REJECTED by Square itself.

    :raises SquareError: it has failed before.
    """
    if refund["status"] not in _FAILING:
        raise bad_request(f"Refund {refund['id']} is {refund['status']} already.")
    payment = get_payment(call, refund["payment_id"])
    _post(call, refund, payment)
    refund |= {"status": status, "updated_at": to_iso(call.now_ms)}
    events.record(call, "refund.updated", refund, save_refund(call, refund))
    _take_from_payment(payment, refund)
    payment_objects.touch(payment, to_iso(call.now_ms))
    text = payment_objects.save_payment(call, payment)
    events.record(call, "payment.updated", payment, text)


def _post(call: Call, refund: Json, payment: Json) -> None:
    details = {"payment_id": payment["id"], "refund_id": refund["id"]}
    move = Move(
        kind="refund_failed",
        activity={"type": "REFUND", "type_refund_details": details},
        amount_minor=refund["amount_money"]["amount"],
        currency=refund["amount_money"]["currency"],
        mover_id=f"{refund['id']}:failed",
        about_id=refund["id"],
        reference=payment.get("reference_id"),
        method=payment["source_type"].lower(),
    )
    post(call, move)


def _take_from_payment(payment: Json, refund: Json) -> None:
    left_minor = payment["refunded_money"]["amount"] - refund["amount_money"]["amount"]
    payment["refunded_money"] = money(left_minor, payment["total_money"]["currency"])
    if not left_minor:
        del payment["refunded_money"]
