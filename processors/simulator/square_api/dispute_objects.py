"""The dispute object, its payment, and the money it moves."""

import secrets
from dataclasses import dataclass

from processors.simulator.call import Call
from processors.simulator.identifiers import square_id, to_iso
from processors.simulator.messages import Json
from processors.simulator.objects import Query
from processors.simulator.square_api import events
from processors.simulator.square_api.amounts import money
from processors.simulator.square_api.errors import not_found
from processors.simulator.square_api.payments import get_payment
from processors.simulator.square_api.postings import Move, post

KIND = "dispute"
_AGAINST_SELLER = ("EVIDENCE_REQUIRED", "PROCESSING", "LOST", "ACCEPTED")
_MOST_DISPUTES = 100


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a card holder's bank complains about."""

    amount_minor: int
    reason: str
    is_inquiry: bool
    due_ms: int
    fee_minor: int


def build_dispute(call: Call, payment: Json, complaint: Complaint) -> Json:
    now = to_iso(call.now_ms)
    return {
        "id": square_id()[:21],
        "amount_money": money(complaint.amount_minor, payment["total_money"]["currency"]),
        "brand_dispute_id": secrets.token_urlsafe(16),
        "card_brand": payment["card_details"]["card"]["card_brand"],
        "created_at": now,
        "disputed_payment": {"payment_id": payment["id"]},
        "due_at": to_iso(complaint.due_ms),
        "location_id": payment["location_id"],
        "reason": complaint.reason,
        "reported_at": now,
        "state": "INQUIRY_EVIDENCE_REQUIRED" if complaint.is_inquiry else "EVIDENCE_REQUIRED",
        "updated_at": now,
        "version": 1,
        "_created_ms": call.now_ms,
        "_due_ms": complaint.due_ms,
        "_fee_minor": complaint.fee_minor,
        "_is_withdrawn": False,
    }


def save_dispute(call: Call, dispute: Json) -> str:
    parent, created_ms = dispute["disputed_payment"]["payment_id"], dispute["_created_ms"]
    return call.save(KIND, dispute, parent=parent, created_ms=created_ms)


def get_dispute(call: Call, dispute_id: str) -> Json:
    """:raises SquareError: 404, there is no such dispute of this seller."""
    dispute = call.find(KIND, dispute_id)
    if dispute is None:
        raise not_found("dispute", dispute_id)
    return dispute


def move_to(call: Call, dispute: Json, state: str) -> None:
    """Change the state, which makes a new version, and tell of it."""
    now = to_iso(call.now_ms)
    dispute |= {"state": state, "version": dispute["version"] + 1, "updated_at": now}
    events.record(call, "dispute.state.updated", dispute, save_dispute(call, dispute))


def is_charged_back(call: Call, payment_id: str) -> bool:
    """Whether a dispute of the payment is open or lost; the payment itself does not show it."""
    query = Query(parent=payment_id, limit=_MOST_DISPUTES)
    return any(each["state"] in _AGAINST_SELLER for each in call.list(KIND, query))


def withdraw(call: Call, dispute: Json) -> None:
    """Take the disputed amount, and the fee if there is one."""
    _move(call, dispute, "dispute", -dispute["amount_money"]["amount"], dispute["_fee_minor"])
    dispute["_is_withdrawn"] = True
    save_dispute(call, dispute)


def reinstate(call: Call, dispute: Json, *, fee_returned_minor: int = 0) -> None:
    """Give the disputed amount back."""
    _move(call, dispute, "dispute_won", dispute["amount_money"]["amount"], -fee_returned_minor)
    dispute["_is_withdrawn"] = False
    save_dispute(call, dispute)


def _move(call: Call, dispute: Json, kind: str, amount_minor: int, fee_minor: int) -> None:
    payment = get_payment(call, dispute["disputed_payment"]["payment_id"])
    details = {"payment_id": payment["id"], "dispute_id": dispute["id"]}
    move = Move(
        kind=kind,
        activity={"type": "DISPUTE", "type_dispute_details": details},
        amount_minor=amount_minor,
        currency=dispute["amount_money"]["currency"],
        about_id=payment["id"],
        fee_minor=fee_minor,
        reference=payment.get("reference_id"),
    )
    post(call, move)
