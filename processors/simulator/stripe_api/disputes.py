"""Disputes: their addresses. What becomes of one is `dispute_acts.py`."""

from processors.simulator.call import Call
from processors.simulator.messages import Json
from processors.simulator.stripe_api import customers, dispute_acts
from processors.simulator.stripe_api.dispute_objects import KIND, get_dispute, tell
from processors.simulator.stripe_api.listing import list_objects, read_page


def retrieve(call: Call) -> Json:
    return get_dispute(call, call.ids["id"])


def update(call: Call) -> Json:
    """Keep evidence, and hand it in when `submit` says so (Stripe's default)."""
    dispute = get_dispute(call, call.ids["id"])
    given = call.parameters
    customers.merge_metadata(dispute, given)
    evidence = {name: value for name, value in given.get("evidence", {}).items() if value}
    if evidence:
        dispute_acts.note_evidence(call, dispute, evidence)
    if given.get("submit") or (evidence and "submit" not in given):
        dispute_acts.submit_evidence(call, dispute)
    else:
        tell(call, dispute, "updated")
    return dispute


def close(call: Call) -> Json:
    """Accept the dispute, which is to lose it; an inquiry is closed."""
    dispute = get_dispute(call, call.ids["id"])
    if dispute["status"].startswith("warning_"):
        dispute_acts.close_inquiry(call, dispute)
    else:
        dispute_acts.lose(call, dispute)
    return dispute


def list_disputes(call: Call) -> Json:
    given = call.parameters
    equal = {"payment_intent": given.get("payment_intent")}
    page = read_page(call, equal=equal, parent=given.get("charge"))
    return list_objects(call, KIND, "/v1/disputes", page)
