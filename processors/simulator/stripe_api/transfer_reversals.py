"""Reversals: the money of a transfer, or a part of it, comes back from the connected account."""

from processors.simulator.call import Call
from processors.simulator.identifiers import stripe_id
from processors.simulator.messages import Json
from processors.simulator.money.currencies import format_amount
from processors.simulator.objects import Query
from processors.simulator.stripe_api import customers, events
from processors.simulator.stripe_api.balance_transactions import Posting
from processors.simulator.stripe_api.errors import invalid, missing, unexpected_state
from processors.simulator.stripe_api.listing import list_objects, read_page
from processors.simulator.stripe_api.postings import Move, post
from processors.simulator.stripe_api.transfer_payments import give_back
from processors.simulator.stripe_api.transfers import get_transfer, save_transfer

KIND = "transfer_reversal"
_SHOWN_IN_TRANSFER = 10


def create(call: Call) -> Json:
    """Reverse an amount, or all that is left.

    :raises StripeError: less than that is left.
    """
    transfer = get_transfer(call, call.ids["id"])
    left_minor = transfer["amount"] - transfer["amount_reversed"]
    amount_minor = call.parameters.get("amount", left_minor)
    _check_left(transfer, amount_minor, left_minor)
    reversal = _build(call, transfer, amount_minor)
    _post(call, transfer, reversal)
    _give_back(call, transfer, reversal)
    call.save(KIND, reversal, parent=transfer["id"])
    _apply(call, transfer, amount_minor)
    events.record(call, "transfer.reversed", transfer, save_transfer(call, transfer))
    return reversal


def _check_left(transfer: Json, amount_minor: int, left_minor: int) -> None:
    if transfer["reversed"]:
        message = f"Transfer {transfer['id']} is already fully reversed."
        raise unexpected_state(message, param="id")
    if amount_minor < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, code="parameter_invalid_integer", param="amount")
    if amount_minor > left_minor:
        currency = transfer["currency"].upper()
        raise unexpected_state(
            f"Reversal amount ({format_amount(amount_minor, currency)}) is greater than "
            f"unreversed amount on transfer ({format_amount(left_minor, currency)})",
            param="amount",
        )


def _build(call: Call, transfer: Json, amount_minor: int) -> Json:
    return {
        "id": stripe_id("trr"),
        "object": "transfer_reversal",
        "amount": amount_minor,
        "balance_transaction": None,
        "created": call.now_seconds,
        "currency": transfer["currency"],
        "destination_payment_refund": None,
        "metadata": call.parameters.get("metadata") or {},
        "source_refund": None,
        "transfer": transfer["id"],
    }


def _post(call: Call, transfer: Json, reversal: Json) -> None:
    posting = Posting("transfer_refund", "transfer_reversal", reversal["id"], "REFUND FOR TRANSFER")
    posted = post(
        call,
        Move(
            kind="transfer_reversed",
            posting=posting,
            amount_minor=reversal["amount"],
            currency=reversal["currency"],
            mover_id=reversal["id"],
            about_id=transfer["id"],
            reference=transfer["metadata"].get("reference"),
        ),
    )
    reversal["balance_transaction"] = posted["id"]


def _give_back(call: Call, transfer: Json, reversal: Json) -> None:
    destination = call.simulation.accounts.find("stripe", transfer["destination"])
    if destination is not None:
        refund_id = give_back(call, destination, transfer, reversal["amount"])
        reversal["destination_payment_refund"] = refund_id


def _apply(call: Call, transfer: Json, amount_minor: int) -> None:
    transfer["amount_reversed"] += amount_minor
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    query = Query(parent=transfer["id"], limit=_SHOWN_IN_TRANSFER + 1)
    found = call.list(KIND, query)
    has_more = len(found) > _SHOWN_IN_TRANSFER
    transfer["reversals"] |= {"data": found[:_SHOWN_IN_TRANSFER], "has_more": has_more}


def _get_reversal(call: Call) -> Json:
    reversal = call.find(KIND, call.ids["reversal"])
    if reversal is None or reversal["transfer"] != call.ids["id"]:
        raise missing("transfer reversal", call.ids["reversal"])
    return reversal


def retrieve(call: Call) -> Json:
    return _get_reversal(call)


def update(call: Call) -> Json:
    """Only metadata can be changed."""
    reversal = _get_reversal(call)
    customers.merge_metadata(reversal, call.parameters)
    created_ms = reversal["created"] * 1000
    call.save(KIND, reversal, parent=reversal["transfer"], created_ms=created_ms)
    return reversal


def list_reversals(call: Call) -> Json:
    transfer = get_transfer(call, call.ids["id"])
    url = f"/v1/transfers/{transfer['id']}/reversals"
    return list_objects(call, KIND, url, read_page(call, parent=transfer["id"]))
