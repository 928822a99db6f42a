"""The dispute object, its charge, and the money it moves.

A dispute takes its amount from the balance when funds are withdrawn, with the fee beside it, and
gives the amount back when it is won: two balance transactions of type `adjustment`.
"""

from dataclasses import dataclass

from processors.simulator.call import Call
from processors.simulator.identifiers import stripe_id
from processors.simulator.messages import Json
from processors.simulator.objects import visible
from processors.simulator.stripe_api import charges, events
from processors.simulator.stripe_api.balance_transactions import Posting
from processors.simulator.stripe_api.errors import missing
from processors.simulator.stripe_api.postings import Move, post

KIND = "dispute"
EVIDENCE = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
)


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a card holder's bank complains about. `fee_minor`: in the settlement currency.

    `is_final`: nobody may answer, as with a bank debit that comes back.
    """

    amount_minor: int
    reason: str
    is_inquiry: bool
    due_ms: int
    fee_minor: int
    is_final: bool = False


def build_dispute(call: Call, charge: Json, complaint: Complaint) -> Json:
    return {
        "id": stripe_id("dp"),
        "object": "dispute",
        "amount": complaint.amount_minor,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": call.now_seconds,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": complaint.due_ms // 1000,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": complaint.is_inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": _describe_card(charge, complaint.is_inquiry),
        "reason": complaint.reason,
        "status": _get_first_status(complaint),
        "_fee_minor": complaint.fee_minor,
        "_is_withdrawn": False,
    }


def _get_first_status(complaint: Complaint) -> str:
    if complaint.is_final:
        return "lost"
    return "warning_needs_response" if complaint.is_inquiry else "needs_response"


def _describe_card(charge: Json, is_inquiry: bool) -> Json | None:
    details = charge["payment_method_details"]
    if details["type"] != "card":
        return None
    brand = details.get(details["type"], {}).get("brand", "visa")
    card = {
        "brand": brand,
        "case_type": "inquiry" if is_inquiry else "chargeback",
        "network_reason_code": "10.4",
    }
    return {"card": card, "type": "card"}


def save_dispute(call: Call, dispute: Json) -> str:
    created_ms = dispute["created"] * 1000
    return call.save(KIND, dispute, parent=dispute["charge"], created_ms=created_ms)


def get_dispute(call: Call, dispute_id: str) -> Json:
    """:raises StripeError: there is no such dispute on this account."""
    dispute = call.find(KIND, dispute_id)
    if dispute is None:
        raise missing("dispute", dispute_id)
    return dispute


def tell(call: Call, dispute: Json, what: str) -> None:
    """Store the dispute and record `charge.dispute.<what>`."""
    events.record(call, f"charge.dispute.{what}", dispute, save_dispute(call, dispute))


def mark_charge(call: Call, dispute: Json, *, is_charged_back: bool) -> None:
    """Show the dispute in its charge; one that was charged back cannot be refunded."""
    charge = charges.get_charge(call, dispute["charge"])
    charge |= {"disputed": True, "_is_charged_back": is_charged_back}
    charges.save_charge(call, charge)


def withdraw(call: Call, dispute: Json) -> None:
    """Take the disputed amount and the fee."""
    posting = Posting(
        "adjustment",
        "dispute",
        dispute["id"],
        f"Chargeback withdrawal for {dispute['charge']}",
        fee_description="Dispute fee",
    )
    amounts = {"amount_minor": -dispute["amount"], "fee_minor": dispute["_fee_minor"]}
    _move(call, dispute, "dispute", posting, **amounts)
    dispute |= {"_is_withdrawn": True, "is_charge_refundable": False}
    mark_charge(call, dispute, is_charged_back=True)
    tell(call, dispute, "funds_withdrawn")


def reinstate(call: Call, dispute: Json, *, fee_returned_minor: int = 0) -> None:
    """Give the disputed amount back; the fee only where Stripe says so."""
    posting = Posting(
        "adjustment",
        "dispute_reversal",
        dispute["id"],
        f"Chargeback reversal for {dispute['charge']}",
        fee_description="Dispute fee refund",
    )
    amounts = {"amount_minor": dispute["amount"], "fee_minor": -fee_returned_minor}
    _move(call, dispute, "dispute_won", posting, **amounts)
    dispute["_is_withdrawn"] = False
    mark_charge(call, dispute, is_charged_back=False)
    tell(call, dispute, "funds_reinstated")


def _move(
    call: Call, dispute: Json, kind: str, posting: Posting, *, amount_minor: int, fee_minor: int
) -> None:
    charge = charges.get_charge(call, dispute["charge"])
    move = Move(
        kind=kind,
        posting=posting,
        amount_minor=amount_minor,
        currency=dispute["currency"],
        about_id=dispute["charge"],
        fee_minor=fee_minor,
        reference=charge["metadata"].get("reference"),
    )
    posted = visible(post(call, move))
    dispute["balance_transactions"] = [*dispute["balance_transactions"], posted]
