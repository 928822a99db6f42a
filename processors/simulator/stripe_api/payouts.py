"""Payouts: their addresses. What makes one and becomes of it is `payout_acts.py`."""

from processors.simulator.call import Call
from processors.simulator.messages import Json
from processors.simulator.stripe_api import customers, events
from processors.simulator.stripe_api.errors import invalid, missing, unexpected_state
from processors.simulator.stripe_api.limits import check_currency
from processors.simulator.stripe_api.listing import list_objects, read_page
from processors.simulator.stripe_api.payout_acts import (
    KIND,
    build_payout,
    save_payout,
    send_payout,
)


def create(call: Call) -> Json:
    """Pay out an amount by hand.

    :raises StripeError: the account's payouts are off, are automatic, or it has not enough.
    """
    given = call.parameters
    check_currency(given["currency"])
    if given["amount"] < 1:
        raise invalid("This value must be greater than or equal to 1.", param="amount")
    if call.account.payout_interval != "manual" or not call.account.payouts_enabled:
        raise unexpected_state("Cannot create payouts: the account's are automatic or disabled.")
    found = call.simulation.movements.sum_balances("stripe", call.account.account_id, call.now_ms)
    available = {currency: ready for currency, ready, _ in found}
    if given["amount"] > available.get(given["currency"].upper(), 0):
        message = "You have insufficient funds in your Stripe account for this payout."
        raise unexpected_state(message, code="balance_insufficient")
    payout = build_payout(call, given["amount"], given["currency"].lower(), automatic=False)
    send_payout(call, payout)
    return payout


def get_payout(call: Call, payout_id: str) -> Json:
    """:raises StripeError: there is no such payout on this account."""
    payout = call.find(KIND, payout_id)
    if payout is None:
        raise missing("payout", payout_id)
    return payout


def retrieve(call: Call) -> Json:
    return get_payout(call, call.ids["id"])


def update(call: Call) -> Json:
    """Only metadata can be changed."""
    payout = get_payout(call, call.ids["id"])
    customers.merge_metadata(payout, call.parameters)
    events.record(call, "payout.updated", payout, save_payout(call, payout))
    return payout


def list_payouts(call: Call) -> Json:
    given = call.parameters
    equal = {"status": given.get("status"), "destination": given.get("destination")}
    return list_objects(call, KIND, "/v1/payouts", read_page(call, equal=equal))
