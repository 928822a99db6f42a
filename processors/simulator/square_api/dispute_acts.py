"""What becomes of a dispute, by the bank, the seller or the clock.

INQUIRY_EVIDENCE_REQUIRED ──► INQUIRY_PROCESSING ──► INQUIRY_CLOSED
             └────────────────────────┴──► EVIDENCE_REQUIRED       escalated: a chargeback
EVIDENCE_REQUIRED ──► PROCESSING ──► WON | LOST
             └──► ACCEPTED | WON | LOST     by the seller, at once, or the deadline passed
WON ◄──► LOST                               a second round, also by way of EVIDENCE_REQUIRED
"""

from collections.abc import Callable

from processors.simulator.call import Call
from processors.simulator.messages import Json
from processors.simulator.schedule import DueTask
from processors.simulator.square_api import events
from processors.simulator.square_api.dispute_objects import (
    KIND,
    Complaint,
    build_dispute,
    move_to,
    reinstate,
    save_dispute,
    withdraw,
)
from processors.simulator.square_api.errors import SquareError, bad_request

DEADLINE_TASK = "square.end_dispute_deadline"

Act = Callable[[Call, Json], None]


def open_dispute(call: Call, payment: Json, complaint: Complaint, *, withdraws: bool) -> Json:
    """A bank opens a dispute of a completed card payment; returns it.

    :raises SquareError: it is no completed card payment, or of a smaller amount.
    """
    if payment["status"] != "COMPLETED" or payment["source_type"] != "CARD":
        raise bad_request("Only completed card payments can be disputed.", field="payment")
    if complaint.amount_minor > payment["total_money"]["amount"]:
        raise bad_request("A dispute is about at most what was paid.", field="amount_minor")
    dispute = build_dispute(call, payment, complaint)
    events.record(call, "dispute.created", dispute, save_dispute(call, dispute))
    account_id = call.account.account_id
    due = DueTask(complaint.due_ms, DEADLINE_TASK, "square", account_id, dispute["id"])
    call.simulation.schedule.add(due)
    if withdraws:
        withdraw(call, dispute)
    return dispute


def end_deadline(call: Call, dispute_id: str) -> None:
    """The task of the deadline: who did not answer has lost, an inquiry is closed."""
    dispute = call.find(KIND, dispute_id)
    if dispute is None or dispute["_due_ms"] > call.now_ms:
        return
    if dispute["state"] == "EVIDENCE_REQUIRED":
        lose(call, dispute)
    elif dispute["state"] == "INQUIRY_EVIDENCE_REQUIRED":
        close_inquiry(call, dispute)


def take_funds(call: Call, dispute: Json) -> None:
    _check(dispute, "EVIDENCE_REQUIRED", "PROCESSING", "LOST", "ACCEPTED")
    if dispute["_is_withdrawn"]:
        raise _wrong_state(dispute, "its funds are withdrawn already")
    withdraw(call, dispute)


def submit_evidence(call: Call, dispute: Json) -> None:
    _check(dispute, "EVIDENCE_REQUIRED", "INQUIRY_EVIDENCE_REQUIRED")
    is_inquiry = dispute["state"] == "INQUIRY_EVIDENCE_REQUIRED"
    move_to(call, dispute, "INQUIRY_PROCESSING" if is_inquiry else "PROCESSING")


def escalate(call: Call, dispute: Json) -> None:
    """An inquiry becomes a chargeback: the funds are withdrawn."""
    _check(dispute, "INQUIRY_EVIDENCE_REQUIRED", "INQUIRY_PROCESSING", "INQUIRY_CLOSED")
    move_to(call, dispute, "EVIDENCE_REQUIRED")
    withdraw(call, dispute)


def close_inquiry(call: Call, dispute: Json) -> None:
    _check(dispute, "INQUIRY_EVIDENCE_REQUIRED", "INQUIRY_PROCESSING")
    move_to(call, dispute, "INQUIRY_CLOSED")


def win(call: Call, dispute: Json, *, fee_returned_minor: int = 0) -> None:
    _check(dispute, "EVIDENCE_REQUIRED", "PROCESSING", "LOST")
    if dispute["_is_withdrawn"]:
        reinstate(call, dispute, fee_returned_minor=fee_returned_minor)
    move_to(call, dispute, "WON")


def lose(call: Call, dispute: Json) -> None:
    _check(dispute, "EVIDENCE_REQUIRED", "PROCESSING", "WON")
    _end(call, dispute, "LOST")


def accept(call: Call, dispute: Json) -> None:
    """The seller does not fight.

    :raises SquareError: there is nothing to accept any more.
    """
    _check(dispute, "EVIDENCE_REQUIRED", "INQUIRY_EVIDENCE_REQUIRED")
    _end(call, dispute, "ACCEPTED")


def _end(call: Call, dispute: Json, state: str) -> None:
    if not dispute["_is_withdrawn"]:
        withdraw(call, dispute)
    move_to(call, dispute, state)


def reopen(call: Call, dispute: Json) -> None:
    """The second round: the bank insists, and the seller must answer again."""
    _check(dispute, "WON", "LOST", "ACCEPTED")
    if not dispute["_is_withdrawn"]:
        withdraw(call, dispute)
    move_to(call, dispute, "EVIDENCE_REQUIRED")


ACTS: dict[str, Act] = {
    "withdraw": take_funds,
    "submit_evidence": submit_evidence,
    "escalate": escalate,
    "close": close_inquiry,
    "win": win,
    "lose": lose,
    "accept": accept,
    "reopen": reopen,
}


def _check(dispute: Json, *states: str) -> None:
    if dispute["state"] not in states:
        raise _wrong_state(dispute, f"its state is {dispute['state']}")


def _wrong_state(dispute: Json, why: str) -> SquareError:
    return bad_request(f"This is not possible for dispute {dispute['id']}: {why}.")
