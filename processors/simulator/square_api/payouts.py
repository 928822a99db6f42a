"""Payouts and their entries: their addresses. What makes one is `payout_acts.py`."""

from square.types.get_payout_response import GetPayoutResponse
from square.types.list_payout_entries_response import ListPayoutEntriesResponse
from square.types.list_payouts_response import ListPayoutsResponse

from processors.simulator.call import Call
from processors.simulator.messages import Json
from processors.simulator.square_api.answers import respond
from processors.simulator.square_api.errors import not_found
from processors.simulator.square_api.listing import list_page, read_query
from processors.simulator.square_api.payout_acts import ENTRY, KIND


def list_payouts(call: Call) -> ListPayoutsResponse:
    """Without a location Square lists those of the main one."""
    given = call.parameters
    main = call.account.get_locations()[0].id
    equal = {"location_id": given.get("location_id") or main, "status": given.get("status")}
    payouts, cursor = list_page(call, KIND, read_query(call, equal=equal))
    return respond(ListPayoutsResponse, payouts=payouts, cursor=cursor)


def get_payout(call: Call, payout_id: str) -> Json:
    """:raises SquareError: 404, there is no such payout of this seller."""
    payout = call.find(KIND, payout_id)
    if payout is None:
        raise not_found("payout", payout_id)
    return payout


def retrieve(call: Call) -> GetPayoutResponse:
    return respond(GetPayoutResponse, payout=get_payout(call, call.ids["payout_id"]))


def list_entries(call: Call) -> ListPayoutEntriesResponse:
    payout = get_payout(call, call.ids["payout_id"])
    query = read_query(call, parent=payout["id"], has_times=False)
    entries, cursor = list_page(call, ENTRY, query)
    return respond(ListPayoutEntriesResponse, payout_entries=entries, cursor=cursor)
