"""Reversing a transfer by hand: `POST /_simulator/transfers/{id}/reverse`."""

from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from processors.simulator.control.acting import call_of_owner, find_object
from processors.simulator.control.requests import BadRequest, Visit, read_fields, read_model
from processors.simulator.messages import Answer, json_answer
from processors.simulator.stripe_api import transfer_reversals, transfers

_ACT = "/reverse"


class _Reversal(BaseModel):
    model_config = ConfigDict(extra="forbid")

    amount_minor: Annotated[int, Field(ge=1)] | None = None


def change(visit: Visit) -> Answer:
    """Reverse what is left, or `amount_minor` of it; answer the reversal."""
    if not visit.rest.endswith(_ACT):
        raise BadRequest(f"There is no {visit.request.path}.", status=404)
    given = read_model(_Reversal, read_fields(visit.request))
    transfer_id = visit.rest.removesuffix(_ACT)
    with visit.simulation.store.transaction():
        scope, _ = find_object(visit, transfer_id, transfers.KIND)
        call = call_of_owner(visit, scope, amount=given.amount_minor)
        reversal = transfer_reversals.create(replace(call, ids={"id": transfer_id}))
    return json_answer(201, reversal)
