"""Refunds of captured charges, whole or in parts."""

from processors.simulator.call import Call
from processors.simulator.identifiers import stripe_id
from processors.simulator.messages import Json
from processors.simulator.money.currencies import format_amount
from processors.simulator.schedule import DueTask
from processors.simulator.stripe_api import balance_transactions, charges, customers, events
from processors.simulator.stripe_api.confirmation import get_intent
from processors.simulator.stripe_api.errors import (
    StripeError,
    invalid,
    missing,
    unexpected_state,
)
from processors.simulator.stripe_api.listing import list_objects, read_page

KIND = "refund"
COMPLETE_TASK = "stripe.complete_refund"


def create(call: Call) -> Json:
    """Refund an amount, or all that is left.

    :raises StripeError: nothing was charged, or less than that is left.
    """
    charge = _find_charge(call)
    amount_minor = read_amount(call, charge)
    pending_ms = int(call.account.refund_delay_seconds * 1000)
    return refund_charge(call, charge, amount_minor, pending_ms=pending_ms)


def refund_charge(call: Call, charge: Json, amount_minor: int, *, pending_ms: int | None) -> Json:
    """Refund what was checked before; pending for so long, None until somebody says how it went."""
    refund = build_refund(charge, amount_minor, call.now_ms, call.parameters)
    apply_to_charge(charge, amount_minor)
    _settle(call, refund, charge)
    if pending_ms != 0:
        refund["status"] = "pending"
    if pending_ms:
        schedule(call, COMPLETE_TASK, refund, pending_ms)
    events.record(call, "charge.refunded", charge, charges.save_charge(call, charge))
    events.record(call, "refund.created", refund, save_refund(call, refund))
    return refund


def schedule(call: Call, task: str, refund: Json, in_ms: int) -> None:
    due = DueTask(call.now_ms + in_ms, task, "stripe", call.account.account_id, refund["id"])
    call.simulation.schedule.add(due)


def read_amount(call: Call, charge: Json) -> int:
    """The amount asked for, else all that is left.

    :raises StripeError: it cannot be refunded.
    """
    left_minor: int = charge["amount_captured"] - charge["amount_refunded"]
    amount_minor: int = call.parameters.get("amount", left_minor)
    _check_refundable(charge, amount_minor, left_minor)
    return amount_minor


def _find_charge(call: Call) -> Json:
    given = call.parameters
    if given.get("charge"):
        return charges.get_charge(call, given["charge"], param="charge")
    if not given.get("payment_intent"):
        message = "One of the following params should be provided for this request: "
        raise invalid(message + "payment_intent or charge.", code="parameter_missing")
    intent = get_intent(call, given["payment_intent"], param="payment_intent")
    if intent["status"] != "succeeded":
        raise unexpected_state(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return charges.get_charge(call, intent["latest_charge"])


def _check_refundable(charge: Json, amount_minor: int, left_minor: int) -> None:
    if not charge["captured"]:
        message = f"Charge {charge['id']} has not been captured and cannot be refunded."
        raise unexpected_state(message, code="charge_not_refundable", param="charge")
    if charge.get("_is_charged_back"):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise unexpected_state(message, code="charge_disputed")
    if charge["refunded"]:
        message = f"Charge {charge['id']} has already been refunded."
        raise unexpected_state(message, code="charge_already_refunded")
    if amount_minor < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, code="parameter_invalid_integer", param="amount")
    if amount_minor > left_minor:
        currency = charge["currency"].upper()
        raise unexpected_state(
            f"Refund amount ({format_amount(amount_minor, currency)}) is greater than "
            f"unrefunded amount on charge ({format_amount(left_minor, currency)})",
            param="amount",
        )


def build_refund(charge: Json, amount_minor: int, created_ms: int, given: Json) -> Json:
    return {
        "id": stripe_id("re"),
        "object": "refund",
        "amount": amount_minor,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": created_ms // 1000,
        "currency": charge["currency"],
        "customer": charge["customer"],
        "destination_details": {
            "card": {
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        },
        "metadata": given.get("metadata") or {},
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": given.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def apply_to_charge(charge: Json, amount_minor: int) -> None:
    charge["amount_refunded"] += amount_minor
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]


def save_refund(call: Call, refund: Json) -> str:
    created_ms = refund["created"] * 1000
    return call.save(KIND, refund, parent=refund["charge"], created_ms=created_ms)


def _settle(call: Call, refund: Json, charge: Json) -> None:
    """The money leaves the balance at once; Stripe calls the refund pending until it is done."""
    refund["balance_transaction"] = balance_transactions.post_refund(call, refund)
    movement = balance_transactions.refund_movement(call, refund, charge, call.now_ms)
    call.simulation.movements.record(movement)


def complete_refund(call: Call, refund_id: str) -> None:
    """The task that ends a pending refund well."""
    refund = get_refund(call, refund_id)
    if refund["status"] != "pending":
        return
    refund["status"] = "succeeded"
    previous = {"status": "pending"}
    events.record(call, "refund.updated", refund, save_refund(call, refund), previous=previous)


def get_refund(call: Call, refund_id: str) -> Json:
    """:raises StripeError: there is no such refund on this account."""
    refund = call.find(KIND, refund_id)
    if refund is None:
        raise missing("refund", refund_id)
    return refund


def retrieve(call: Call) -> Json:
    return get_refund(call, call.ids["id"])


def update(call: Call) -> Json:
    """Only metadata can be changed."""
    refund = get_refund(call, call.ids["id"])
    customers.merge_metadata(refund, call.parameters)
    events.record(call, "refund.updated", refund, save_refund(call, refund))
    return refund


def list_refunds(call: Call) -> Json:
    given = call.parameters
    equal = {"payment_intent": given.get("payment_intent")}
    page = read_page(call, equal=equal, parent=given.get("charge"))
    return list_objects(call, KIND, "/v1/refunds", page)


def cancel(call: Call) -> Json:
    """Card refunds cannot be canceled; Stripe says so."""
    refund = get_refund(call, call.ids["id"])
    raise StripeError(400, f"Refund {refund['id']} cannot be canceled.", executed=True)
