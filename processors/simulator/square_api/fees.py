"""What Square keeps of a card payment, and the journal's rows for payments and refunds."""

from processors.simulator.call import Call
from processors.simulator.identifiers import to_iso
from processors.simulator.messages import Json
from processors.simulator.money.fees import calculate_fee
from processors.simulator.movements import Movement
from processors.simulator.schedule import DueTask
from processors.simulator.square_api import events
from processors.simulator.square_api.amounts import money
from processors.simulator.square_api.payment_objects import KIND, save_payment, touch

POST_FEE_TASK = "square.post_fee"


def fee_of(call: Call, payment: Json) -> int:
    """Minor units of the whole amount, tip included; cash and external payments cost nothing."""
    if payment["source_type"] != "CARD":
        return 0
    account = call.account
    return calculate_fee(
        payment["total_money"]["amount"],
        percent=account.fee_percent,
        fixed_minor=account.fee_fixed_minor,
    )


def settle_payment(call: Call, payment: Json) -> None:
    """Count a completed payment in the journal and show its fee, at once or later."""
    call.simulation.movements.record(payment_movement(call, payment, call.now_ms))
    if payment["source_type"] != "CARD":
        return
    delay_ms = int(call.account.fee_delay_seconds * 1000)
    if not delay_ms:
        payment["processing_fee"] = describe_fee(call, payment, call.now_ms)
        return
    due_ms = call.now_ms + delay_ms
    account_id = call.account.account_id
    call.simulation.schedule.add(
        DueTask(due_ms, POST_FEE_TASK, "square", account_id, payment["id"])
    )


def post_fee(call: Call, payment_id: str) -> None:
    """The task that ends `fee_delay_seconds`."""
    payment = call.find(KIND, payment_id)
    if payment is None:
        return
    payment["processing_fee"] = describe_fee(call, payment, call.now_ms)
    touch(payment, to_iso(call.now_ms))
    events.record(call, "payment.updated", payment, save_payment(call, payment))


def describe_fee(call: Call, payment: Json, moment_ms: int) -> list[Json]:
    fee = money(fee_of(call, payment), payment["total_money"]["currency"])
    effective_at = to_iso(call.account.get_available_ms(moment_ms))
    return [{"effective_at": effective_at, "type": "INITIAL", "amount_money": fee}]


def payment_movement(call: Call, payment: Json, occurred_ms: int) -> Movement:
    amount_minor = payment["total_money"]["amount"]
    tip_minor = payment.get("tip_money", {}).get("amount", 0)
    fee_minor = fee_of(call, payment)
    return _movement(
        call,
        "charge",
        payment["id"],
        payment,
        amounts=(amount_minor, tip_minor, fee_minor),
        occurred_ms=occurred_ms,
    )


def refund_movement(call: Call, refund: Json, payment: Json, occurred_ms: int) -> Movement:
    amounts = (-refund["amount_money"]["amount"], 0, 0)
    return _movement(
        call, "refund", refund["id"], payment, amounts=amounts, occurred_ms=occurred_ms
    )


def _movement(
    call: Call,
    kind: str,
    object_id: str,
    payment: Json,
    *,
    amounts: tuple[int, int, int],
    occurred_ms: int,
) -> Movement:
    amount_minor, tip_minor, fee_minor = amounts
    currency = payment["total_money"]["currency"]
    return Movement(
        processor="square",
        account_id=call.account.account_id,
        kind=kind,
        method=payment["source_type"].lower(),
        object_id=object_id,
        source_id=payment["id"],
        amount_minor=amount_minor,
        tip_minor=tip_minor,
        currency=currency,
        settled_minor=amount_minor,
        fee_minor=fee_minor,
        settlement_currency=currency,
        exchange_rate=None,
        reference=payment.get("reference_id"),
        occurred_ms=occurred_ms,
        available_ms=call.account.get_available_ms(occurred_ms),
    )
