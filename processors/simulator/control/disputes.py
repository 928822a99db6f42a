"""Disputes as banks bring them: `POST /_simulator/disputes` and `…/disputes/{id}/{act}`.

    {"payment": "ch_… or pi_… or a Square payment", "reason": "fraudulent",
     "amount_minor": 2500, "is_inquiry": false, "due_in_seconds": 604800,
     "fee_minor": 1500, "withdraw": true}

Only `payment` is needed: the whole amount, the vendor's usual deadline and fee (Stripe 15.00,
Square none), funds withdrawn at once unless it is an inquiry. The acts are withdraw,
submit_evidence, escalate, close, win, lose, accept and reopen, with the body {} or, for win,
{"fee_returned_minor": 1500}. Who lets the deadline pass on the clock has lost.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from processors.simulator.control.acting import call_of_owner, find_charge, find_object
from processors.simulator.control.requests import BadRequest, Visit, read_fields, read_model
from processors.simulator.messages import Answer, Json, json_answer
from processors.simulator.objects import visible
from processors.simulator.square_api import dispute_acts as square_acts
from processors.simulator.square_api import dispute_objects as square_objects
from processors.simulator.stripe_api import dispute_acts as stripe_acts
from processors.simulator.stripe_api import dispute_objects as stripe_objects

_STRIPE_FEE_MINOR = 1500
_DAY_SECONDS = 86_400
_DUE_DAYS = {"stripe": 7, "square": 14}
_REASONS = {"stripe": "fraudulent", "square": "NO_KNOWLEDGE"}
_PAYMENTS = ("charge", "payment_intent", "payment")


class _Complaint(BaseModel):
    model_config = ConfigDict(extra="forbid")

    payment: str
    reason: str | None = None
    amount_minor: Annotated[int, Field(ge=1)] | None = None
    is_inquiry: bool = False
    due_in_seconds: Annotated[float, Field(gt=0)] | None = None
    fee_minor: Annotated[int, Field(ge=0)] | None = None
    withdraw: bool | None = None


class _Outcome(BaseModel):
    model_config = ConfigDict(extra="forbid")

    fee_returned_minor: Annotated[int, Field(ge=0)] | None = None


def change(visit: Visit) -> Answer:
    """Open a dispute, or do something with the one that is named; answer the dispute."""
    with visit.simulation.store.transaction():
        if not visit.rest:
            return json_answer(201, visible(_open(visit)))
        dispute_id, _, act = visit.rest.partition("/")
        return json_answer(200, visible(_act(visit, dispute_id, act)))


def _open(visit: Visit) -> Json:
    given = read_model(_Complaint, read_fields(visit.request))
    scope, payment = find_object(visit, given.payment, *_PAYMENTS)
    call = call_of_owner(visit, scope)
    withdraws = not given.is_inquiry if given.withdraw is None else given.withdraw
    terms = _read_terms(given, scope.processor, call.now_ms)
    if scope.processor == "stripe":
        charge = find_charge(call, scope, payment)
        amount_minor = given.amount_minor or charge["amount_captured"]
        complaint = stripe_objects.Complaint(amount_minor, **terms)
        return stripe_acts.open_dispute(call, charge, complaint, withdraws=withdraws)
    amount_minor = given.amount_minor or payment["total_money"]["amount"]
    theirs = square_objects.Complaint(amount_minor, **terms)
    return square_acts.open_dispute(call, payment, theirs, withdraws=withdraws)


def _read_terms(given: _Complaint, processor: str, now_ms: int) -> dict[str, Any]:
    seconds = given.due_in_seconds or _DUE_DAYS[processor] * _DAY_SECONDS
    usual_fee = _STRIPE_FEE_MINOR if processor == "stripe" else 0
    return {
        "reason": given.reason or _REASONS[processor],
        "is_inquiry": given.is_inquiry,
        "due_ms": now_ms + round(seconds * 1000),
        "fee_minor": usual_fee if given.fee_minor is None else given.fee_minor,
    }


def _act(visit: Visit, dispute_id: str, act: str) -> Json:
    given = read_model(_Outcome, read_fields(visit.request)).model_dump(exclude_none=True)
    scope, dispute = find_object(visit, dispute_id, stripe_objects.KIND)
    acts = stripe_acts.ACTS if scope.processor == "stripe" else square_acts.ACTS
    if act not in acts:
        raise BadRequest(f"act: {act} is none of {', '.join(acts)}", "act", status=404)
    if given and act != "win":
        raise BadRequest("fee_returned_minor: only who wins gets a fee back", "fee_returned_minor")
    acts[act](call_of_owner(visit, scope), dispute, **given)
    return dispute
