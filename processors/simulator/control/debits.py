"""What a bank says of a debit before its time: `POST /_simulator/debits/{id}/{act}`.

{id} is a charge or its payment intent; the acts are
succeed    {}
fail       {"code": "account_closed"}, or insufficient_funds unless given
return     {"reason": "debit_not_authorized", "fee_minor": 400}, or insufficient_funds and 15.00
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from processors.simulator.control.acting import call_of_owner, find_charge, find_object
from processors.simulator.control.requests import BadRequest, Visit, read_fields, read_model
from processors.simulator.messages import Answer, Json, json_answer
from processors.simulator.objects import visible
from processors.simulator.stripe_api import debits
from processors.simulator.stripe_api.bank_accounts import FAILURES


class _Word(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: str = "insufficient_funds"
    reason: str = "insufficient_funds"
    fee_minor: Annotated[int, Field(ge=0)] = debits.RETURN_FEE_MINOR


def change(visit: Visit) -> Answer:
    """Do it; answer the charge, or the dispute of one that came back."""
    debit_id, _, act = visit.rest.partition("/")
    word = read_model(_Word, read_fields(visit.request))
    with visit.simulation.store.transaction():
        scope, found = find_object(visit, debit_id, "charge", "payment_intent")
        call = call_of_owner(visit, scope)
        charge: Json = find_charge(call, scope, found)
        if act == "succeed":
            debits.succeed_debit(call, charge)
        elif act == "fail" and word.code in FAILURES:
            debits.fail_debit(call, charge, FAILURES[word.code])
        elif act == "return":
            returned = debits.return_debit(call, charge, word.reason, fee_minor=word.fee_minor)
            return json_answer(200, visible(returned))
        else:
            raise BadRequest(f"{act} {word.code}: no bank says this of a debit.", "act", status=404)
    return json_answer(200, visible(charge))
