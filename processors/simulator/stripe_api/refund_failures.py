"""Refunds that fail, also days after Stripe called them done: the money is the account's again.

https://docs.stripe.com/refunds#failed-refunds
"""

from processors.simulator.call import Call
from processors.simulator.messages import Json
from processors.simulator.stripe_api import charges, events
from processors.simulator.stripe_api.balance_transactions import Posting
from processors.simulator.stripe_api.errors import unexpected_state
from processors.simulator.stripe_api.postings import Move, post
from processors.simulator.stripe_api.refunds import get_refund, save_refund

FAIL_TASK = "stripe.fail_refund"
REASON = "expired_or_canceled_card"
_FAILING = ("pending", "succeeded")


def fail_due_refund(call: Call, refund_id: str) -> None:
    """The task that makes a refund fail, unless it has failed by itself."""
    refund = get_refund(call, refund_id)
    if refund["status"] in _FAILING:
        fail_refund(call, refund, reason=REASON)


def fail_refund(call: Call, refund: Json, *, reason: str) -> None:
    """Return the money to the balance.

    :raises StripeError: it has failed or was canceled before.
    """
    if refund["status"] not in _FAILING:
        raise unexpected_state(f"Refund {refund['id']} is {refund['status']} already.")
    previous = {"status": refund["status"]}
    charge = charges.get_charge(call, refund["charge"])
    posted = post(
        call,
        Move(
            kind="refund_failed",
            posting=Posting("refund_failure", "refund_failure", refund["id"], "REFUND FAILURE"),
            amount_minor=refund["amount"],
            currency=refund["currency"],
            about_id=refund["id"],
            reference=charge["metadata"].get("reference"),
        ),
    )
    refund |= {"failure_balance_transaction": posted["id"], "failure_reason": reason}
    refund["status"] = "failed"
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    charges.save_charge(call, charge)
    text = save_refund(call, refund)
    for told in ("refund.updated", "charge.refund.updated", "refund.failed"):
        events.record(call, told, refund, text, previous=previous)
