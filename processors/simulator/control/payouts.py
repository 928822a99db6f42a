"""Payouts to banks: `POST /_simulator/payouts`, and how one goes on.

    POST payouts             {"processor": "stripe", "account_id": "acct_1"}
    POST payouts/{id}/paid   {}
    POST payouts/{id}/fail   {"code": "account_closed"} at Stripe, or {}

The first pays out everything that is available, in each currency, and answers {"payouts": […]}; an
account with `payout_interval: daily` does that at midnight of the simulator's clock. A payout
arrives by the clock too, after two days at Stripe and one at Square.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from processors.simulator.call import Call
from processors.simulator.control.acting import (
    call_of_owner,
    find_account,
    find_object,
    make_call,
)
from processors.simulator.control.requests import BadRequest, Visit, read_fields, read_model
from processors.simulator.messages import Answer, Json, json_answer
from processors.simulator.objects import visible
from processors.simulator.square_api import payout_acts as square_acts
from processors.simulator.stripe_api import payout_acts as stripe_acts


class _Account(BaseModel):
    model_config = ConfigDict(extra="forbid")

    processor: Literal["stripe", "square"]
    account_id: str


class _Failure(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: str = stripe_acts.FAILURE


def change(visit: Visit) -> Answer:
    """Pay out, or say how the payout that is named goes on."""
    with visit.simulation.store.transaction():
        if visit.rest:
            return json_answer(200, visible(_go_on(visit)))
        return json_answer(201, {"payouts": [visible(each) for each in _pay_out(visit)]})


def _pay_out(visit: Visit) -> list[Json]:
    given = read_model(_Account, read_fields(visit.request))
    account = find_account(visit, given.processor, given.account_id)
    if not account.payouts_enabled:
        raise BadRequest(f"The payouts of {account.account_id} are off.", status=409)
    call = make_call(visit, account)
    if given.processor == "stripe":
        return stripe_acts.pay_out_all(call)
    return square_acts.pay_out_all(call)


def _go_on(visit: Visit) -> Json:
    payout_id, _, act = visit.rest.partition("/")
    if act not in ("paid", "fail"):
        raise BadRequest(f"act: {act} is neither paid nor fail", "act", status=404)
    given = read_model(_Failure, read_fields(visit.request))
    scope, payout = find_object(visit, payout_id, stripe_acts.KIND)
    call = call_of_owner(visit, scope)
    if act == "fail":
        _fail(call, payout, given)
    elif scope.processor == "stripe":
        stripe_acts.mark_paid(call, payout)
    else:
        square_acts.mark_paid(call, payout)
    return payout


def _fail(call: Call, payout: Json, given: _Failure) -> None:
    if call.account.processor == "stripe":
        stripe_acts.fail_payout(call, payout, code=given.code)
    else:
        square_acts.fail_payout(call, payout)
