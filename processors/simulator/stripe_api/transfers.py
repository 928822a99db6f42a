"""Transfers of the platform's balance to connected accounts, and their way back.

The connected account sees a payment (`py_…`) with a balance transaction of its own, and a refund
of it (`pyr_…`) for each reversal: https://docs.stripe.com/connect/separate-charges-and-transfers.
"""

from processors.simulator.accounts import Account
from processors.simulator.call import Call
from processors.simulator.identifiers import stripe_id
from processors.simulator.messages import Json
from processors.simulator.money.currencies import format_amount
from processors.simulator.objects import Query
from processors.simulator.stripe_api import accounts, charges, customers, events
from processors.simulator.stripe_api.balance_transactions import Posting
from processors.simulator.stripe_api.errors import StripeError, invalid, missing, unexpected_state
from processors.simulator.stripe_api.limits import check_currency
from processors.simulator.stripe_api.listing import list_objects, read_page
from processors.simulator.stripe_api.postings import Move, post
from processors.simulator.stripe_api.transfer_payments import receive_payment

KIND = "transfer"
_MOST_TRANSFERS = 1000


def create(call: Call) -> Json:
    """Move money from the balance to a connected account, at once.

    :raises StripeError: the destination takes no transfers, or the balance has not enough.
    """
    given = call.parameters
    amount_minor = _read_amount(given)
    check_currency(given["currency"])
    destination = _find_destination(call, given["destination"])
    source = _find_source(call, amount_minor)
    if source is None:
        _check_balance(call, amount_minor)
    transfer = _build(call, amount_minor, source)
    _post(call, transfer, source)
    transfer["destination_payment"] = receive_payment(call, destination, transfer)
    events.record(call, "transfer.created", transfer, save_transfer(call, transfer))
    return transfer


def _read_amount(given: Json) -> int:
    if "amount" not in given:
        raise invalid("Missing required param: amount.", code="parameter_missing", param="amount")
    if given["amount"] < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, code="parameter_invalid_integer", param="amount")
    return int(given["amount"])


def _find_destination(call: Call, account_id: str) -> Account:
    account = call.simulation.accounts.find("stripe", account_id)
    is_own = account_id == call.account.account_id
    if (
        account is None
        or is_own
        or not accounts.is_reachable(call.simulation, call.account, account)
    ):
        raise missing("destination", account_id, param="destination", status=400)
    if not account.transfers_enabled:
        raise unexpected_state(
            "Your destination account needs to have at least one of the following capabilities "
            "enabled: transfers, crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
            param="destination",
        )
    return account


def _is_connected(call: Call, account: Account) -> bool:
    if account.account_id == call.account.account_id:
        return False
    return accounts.is_reachable(call.simulation, call.account, account)


def _find_source(call: Call, amount_minor: int) -> Json | None:
    """The charge whose money is passed on before it is available.

    :raises StripeError: less than the amount is left of it, or its currency is another.
    """
    charge_id = call.parameters.get("source_transaction")
    if not charge_id:
        return None
    charge = charges.get_charge(call, charge_id, param="source_transaction", status=400)
    if charge["currency"] != call.parameters["currency"].lower():
        message = "The currency of source_transaction's balance transaction is another one."
        raise invalid(message, param="currency")
    query = Query(equal={"source_transaction": charge_id}, limit=_MOST_TRANSFERS)
    passed_on = sum(each["amount"] - each["amount_reversed"] for each in call.list(KIND, query))
    if amount_minor > charge["amount_captured"] - charge["amount_refunded"] - passed_on:
        message = "Transfers using this transaction as a source must not exceed its amount."
        raise unexpected_state(message, param="amount")
    return charge


def _check_balance(call: Call, amount_minor: int) -> None:
    currency = call.parameters["currency"].upper()
    # By the clock, not by when the call came: others may have taken their turn before it.
    now_ms = call.simulation.clock.now_ms()
    available = {
        code: ready
        for code, ready, _ in call.simulation.movements.sum_balances(
            "stripe", call.account.account_id, now_ms
        )
    }
    if amount_minor > available.get(currency, 0):
        raise StripeError(
            400,
            "You have insufficient available funds in your Stripe account: "
            f"{format_amount(available.get(currency, 0), currency)}. The simulator's clock makes "
            "pending money available; an account's `funds_delay_seconds` says how soon.",
            code="balance_insufficient",
            executed=True,
        )


def _build(call: Call, amount_minor: int, source: Json | None) -> Json:
    given = call.parameters
    transfer_id = stripe_id("tr")
    group = given.get("transfer_group") or (source and f"group_{source['payment_intent']}")
    return {
        "id": transfer_id,
        "object": "transfer",
        "amount": amount_minor,
        "amount_reversed": 0,
        "balance_transaction": None,
        "created": call.now_seconds,
        "currency": given["currency"].lower(),
        "description": given.get("description"),
        "destination": given["destination"],
        "destination_payment": None,
        "livemode": False,
        "metadata": given.get("metadata") or {},
        "reversals": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/transfers/{transfer_id}/reversals",
        },
        "reversed": False,
        "source_transaction": source["id"] if source else None,
        "source_type": given.get("source_type") or "card",
        "transfer_group": group or None,
    }


def _post(call: Call, transfer: Json, source: Json | None) -> None:
    created_ms = source["created"] * 1000 if source else call.now_ms
    available_ms = call.account.get_available_ms(created_ms) if source else call.now_ms
    posted = post(
        call,
        Move(
            kind="transfer",
            posting=Posting("transfer", "transfer", transfer["id"], transfer["description"]),
            amount_minor=-transfer["amount"],
            currency=transfer["currency"],
            mover_id=transfer["id"],
            about_id=transfer["id"],
            reference=transfer["metadata"].get("reference"),
            available_ms=max(available_ms, call.now_ms),
        ),
    )
    transfer["balance_transaction"] = posted["id"]


def save_transfer(call: Call, transfer: Json) -> str:
    created_ms = transfer["created"] * 1000
    return call.save(KIND, transfer, parent=transfer["destination"], created_ms=created_ms)


def get_transfer(call: Call, transfer_id: str) -> Json:
    """:raises StripeError: there is no such transfer on this account."""
    transfer = call.find(KIND, transfer_id)
    if transfer is None:
        raise missing("transfer", transfer_id)
    return transfer


def retrieve(call: Call) -> Json:
    return get_transfer(call, call.ids["id"])


def update(call: Call) -> Json:
    """Change the description and metadata."""
    transfer = get_transfer(call, call.ids["id"])
    if "description" in call.parameters:
        transfer["description"] = call.parameters["description"] or None
    customers.merge_metadata(transfer, call.parameters)
    events.record(call, "transfer.updated", transfer, save_transfer(call, transfer))
    return transfer


def list_transfers(call: Call) -> Json:
    given = call.parameters
    equal = {"transfer_group": given.get("transfer_group")}
    page = read_page(call, equal=equal, parent=given.get("destination"))
    return list_objects(call, KIND, "/v1/transfers", page)
