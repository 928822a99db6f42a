"""Refunds made in the vendor's dashboard, and how any refund goes on.

    POST refunds                {"payment": "ch_…, pi_… or a Square payment", "amount_minor": 500,
                                 "reason": "…", "pending": true,
                                 "succeeds_in_seconds": 60, "fails_in_seconds": 259200}
    POST refunds/{id}/fail      {"reason": "lost_or_stolen_card"} at Stripe,
                                {"status": "REJECTED"} at Square, or {}
    POST refunds/{id}/complete  {}

Only `payment` is needed: all that is left, done at once. Such a refund carries no reference of
anybody's. One that is `pending` stays so until the clock or a door says how it went; one that is
not may fail all the same, as real ones do days later.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from processors.simulator.call import Call
from processors.simulator.control.acting import call_of_owner, find_charge, find_object
from processors.simulator.control.requests import BadRequest, Visit, read_fields, read_model
from processors.simulator.messages import Answer, Json, json_answer
from processors.simulator.objects import visible
from processors.simulator.square_api import refund_failures as square_failures
from processors.simulator.square_api import refunds as square_refunds
from processors.simulator.stripe_api import refund_failures as stripe_failures
from processors.simulator.stripe_api import refunds as stripe_refunds

_Seconds = Annotated[float, Field(gt=0)]


class _Refund(BaseModel):
    model_config = ConfigDict(extra="forbid")

    payment: str
    amount_minor: Annotated[int, Field(ge=1)] | None = None
    reason: str | None = None
    pending: bool = False
    succeeds_in_seconds: _Seconds | None = None
    fails_in_seconds: _Seconds | None = None

    @property
    def pending_ms(self) -> int | None:
        """How long it is pending, None until told otherwise."""
        if self.succeeds_in_seconds is not None:
            return round(self.succeeds_in_seconds * 1000)
        return None if self.pending else 0


class _Failure(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: str = stripe_failures.REASON
    status: Literal["FAILED", "REJECTED"] = "FAILED"


def change(visit: Visit) -> Answer:
    """Make a refund, or say how the one that is named goes on; answer the refund."""
    with visit.simulation.store.transaction():
        if not visit.rest:
            return json_answer(201, visible(_make(visit)))
        return json_answer(200, visible(_go_on(visit)))


def _go_on(visit: Visit) -> Json:
    refund_id, _, act = visit.rest.partition("/")
    if act not in ("fail", "complete"):
        raise BadRequest(f"act: {act} is neither fail nor complete", "act", status=404)
    scope, _ = find_object(visit, refund_id, stripe_refunds.KIND)
    call = call_of_owner(visit, scope)
    return _fail(visit, call, refund_id) if act == "fail" else _complete(call, refund_id)


def _make(visit: Visit) -> Json:
    given = read_model(_Refund, read_fields(visit.request))
    scope, payment = find_object(visit, given.payment, "charge", "payment_intent", "payment")
    call = call_of_owner(visit, scope, amount=given.amount_minor, reason=given.reason)
    if scope.processor == "stripe":
        refund = _refund_at_stripe(call, find_charge(call, scope, payment), given)
    else:
        refund = _refund_at_square(call, payment, given)
    return refund


def _refund_at_stripe(call: Call, charge: Json, given: _Refund) -> Json:
    amount_minor = stripe_refunds.read_amount(call, charge)
    pending_ms = given.pending_ms
    refund = stripe_refunds.refund_charge(call, charge, amount_minor, pending_ms=pending_ms)
    if given.fails_in_seconds is not None:
        in_ms = round(given.fails_in_seconds * 1000)
        stripe_refunds.schedule(call, stripe_failures.FAIL_TASK, refund, in_ms)
    return refund


def _refund_at_square(call: Call, payment: Json, given: _Refund) -> Json:
    amount_minor = given.amount_minor or square_refunds.get_left(payment)
    pending_ms = given.pending_ms
    refund = square_refunds.refund_payment(call, payment, amount_minor, pending_ms=pending_ms)
    if given.fails_in_seconds is not None:
        in_ms = round(given.fails_in_seconds * 1000)
        square_refunds.schedule(call, square_failures.FAIL_TASK, refund, in_ms)
    return refund


def _fail(visit: Visit, call: Call, refund_id: str) -> Json:
    given = read_model(_Failure, read_fields(visit.request))
    if call.account.processor == "stripe":
        refund = stripe_refunds.get_refund(call, refund_id)
        stripe_failures.fail_refund(call, refund, reason=given.reason)
    else:
        refund = square_refunds.get_refund(call, refund_id)
        square_failures.fail_refund(call, refund, status=given.status)
    return refund


def _complete(call: Call, refund_id: str) -> Json:
    if call.account.processor == "stripe":
        stripe_refunds.complete_refund(call, refund_id)
        return stripe_refunds.get_refund(call, refund_id)
    square_refunds.complete_refund(call, refund_id)
    return square_refunds.get_refund(call, refund_id)
