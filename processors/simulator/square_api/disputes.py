"""Disputes: their addresses. What becomes of one is `dispute_acts.py`."""

from square.types.accept_dispute_response import AcceptDisputeResponse
from square.types.get_dispute_response import GetDisputeResponse
from square.types.list_disputes_response import ListDisputesResponse
from square.types.submit_evidence_response import SubmitEvidenceResponse

from processors.simulator.call import Call
from processors.simulator.square_api import dispute_acts
from processors.simulator.square_api.answers import respond
from processors.simulator.square_api.dispute_objects import KIND, get_dispute
from processors.simulator.square_api.listing import list_page, read_query


def list_disputes(call: Call) -> ListDisputesResponse:
    """Those of all locations, newest first."""
    given = call.parameters
    equal = {"state": given.get("states"), "location_id": given.get("location_id")}
    disputes, cursor = list_page(call, KIND, read_query(call, equal=equal, has_times=False))
    return respond(ListDisputesResponse, disputes=disputes, cursor=cursor)


def retrieve(call: Call) -> GetDisputeResponse:
    return respond(GetDisputeResponse, dispute=get_dispute(call, call.ids["dispute_id"]))


def accept(call: Call) -> AcceptDisputeResponse:
    dispute = get_dispute(call, call.ids["dispute_id"])
    dispute_acts.accept(call, dispute)
    return respond(AcceptDisputeResponse, dispute=dispute)


def submit_evidence(call: Call) -> SubmitEvidenceResponse:
    dispute = get_dispute(call, call.ids["dispute_id"])
    dispute_acts.submit_evidence(call, dispute)
    return respond(SubmitEvidenceResponse, dispute=dispute)
