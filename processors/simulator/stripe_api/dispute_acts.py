"""What becomes of a dispute, by the bank, the seller or the clock.

warning_needs_response ──► warning_under_review ──► warning_closed      an inquiry
          └────────────────────────┴──► needs_response                  escalated: a chargeback
needs_response ──► under_review ──► won | lost
          └──► won | lost     accepted, decided at once, or the deadline passed
won ◄──► lost                 a second round, also by way of needs_response
"""

from collections.abc import Callable

from processors.simulator.call import Call
from processors.simulator.messages import Json
from processors.simulator.schedule import DueTask
from processors.simulator.stripe_api.dispute_objects import (
    KIND,
    Complaint,
    build_dispute,
    mark_charge,
    reinstate,
    save_dispute,
    tell,
    withdraw,
)
from processors.simulator.stripe_api.errors import StripeError, unexpected_state

DEADLINE_TASK = "stripe.end_dispute_deadline"

Act = Callable[[Call, Json], None]


def open_dispute(call: Call, charge: Json, complaint: Complaint, *, withdraws: bool) -> Json:
    """A bank opens a dispute of a captured charge; returns it.

    :raises StripeError: nothing was captured, or less than the amount.
    """
    if not charge["captured"] or complaint.amount_minor > charge["amount_captured"]:
        raise unexpected_state("A dispute is about at most what was captured.", param="amount")
    dispute = build_dispute(call, charge, complaint)
    mark_charge(call, dispute, is_charged_back=not complaint.is_inquiry)
    tell(call, dispute, "created")
    due = DueTask(complaint.due_ms, DEADLINE_TASK, "stripe", call.account.account_id, dispute["id"])
    call.simulation.schedule.add(due)
    if withdraws:
        withdraw(call, dispute)
    return dispute


def end_deadline(call: Call, dispute_id: str) -> None:
    """The task of the deadline: who did not answer has lost, an inquiry is closed."""
    dispute = call.find(KIND, dispute_id)
    if dispute is None or dispute["evidence_details"]["due_by"] > call.now_seconds:
        return
    if dispute["status"] == "needs_response":
        dispute["evidence_details"]["past_due"] = True
        lose(call, dispute)
    elif dispute["status"] == "warning_needs_response":
        close_inquiry(call, dispute)


def take_funds(call: Call, dispute: Json) -> None:
    _check(dispute, "needs_response", "under_review", "lost")
    if dispute["_is_withdrawn"]:
        raise _wrong_state(dispute, "its funds are withdrawn already")
    withdraw(call, dispute)


def submit_evidence(call: Call, dispute: Json) -> None:
    _check(dispute, "needs_response", "warning_needs_response")
    details = dispute["evidence_details"]
    details |= {"has_evidence": True, "submission_count": details["submission_count"] + 1}
    is_inquiry = dispute["status"] == "warning_needs_response"
    dispute["status"] = "warning_under_review" if is_inquiry else "under_review"
    tell(call, dispute, "updated")


def escalate(call: Call, dispute: Json) -> None:
    """An inquiry becomes a chargeback: the funds are withdrawn."""
    _check(dispute, "warning_needs_response", "warning_under_review", "warning_closed")
    dispute["status"] = "needs_response"
    dispute["payment_method_details"]["card"]["case_type"] = "chargeback"
    tell(call, dispute, "updated")
    withdraw(call, dispute)


def close_inquiry(call: Call, dispute: Json) -> None:
    _check(dispute, "warning_needs_response", "warning_under_review")
    dispute["status"] = "warning_closed"
    tell(call, dispute, "closed")


def win(call: Call, dispute: Json, *, fee_returned_minor: int = 0) -> None:
    _check(dispute, "needs_response", "under_review", "lost")
    dispute["status"] = "won"
    if dispute["_is_withdrawn"]:
        reinstate(call, dispute, fee_returned_minor=fee_returned_minor)
    tell(call, dispute, "closed")


def lose(call: Call, dispute: Json) -> None:
    """Lost, or accepted, which Stripe calls the same."""
    _check(dispute, "needs_response", "under_review", "won")
    dispute["status"] = "lost"
    if not dispute["_is_withdrawn"]:
        withdraw(call, dispute)
    tell(call, dispute, "closed")


def reopen(call: Call, dispute: Json) -> None:
    """The second round: the bank insists, and the seller must answer again."""
    _check(dispute, "won", "lost")
    dispute["status"] = "needs_response"
    tell(call, dispute, "updated")
    if not dispute["_is_withdrawn"]:
        withdraw(call, dispute)


def note_evidence(call: Call, dispute: Json, evidence: Json) -> None:
    """Keep evidence without handing it in."""
    _check(dispute, "needs_response", "warning_needs_response")
    dispute["evidence"] |= {name: value or None for name, value in evidence.items()}
    dispute["evidence_details"]["has_evidence"] = True
    save_dispute(call, dispute)


ACTS: dict[str, Act] = {
    "withdraw": take_funds,
    "submit_evidence": submit_evidence,
    "escalate": escalate,
    "close": close_inquiry,
    "win": win,
    "lose": lose,
    "accept": lose,
    "reopen": reopen,
}


def _check(dispute: Json, *states: str) -> None:
    if dispute["status"] not in states:
        raise _wrong_state(dispute, f"its status is {dispute['status']}")


def _wrong_state(dispute: Json, why: str) -> StripeError:
    return unexpected_state(f"This is not possible for dispute {dispute['id']}: {why}.")
