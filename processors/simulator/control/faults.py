"""Making processors misbehave: rules, and what they hit."""

from processors.simulator.control.journals import answer_page
from processors.simulator.control.requests import (
    BadRequest,
    Visit,
    read_fields,
    read_model,
    read_window,
)
from processors.simulator.faults.rule_book import describe_rule
from processors.simulator.faults.rules import FaultRule
from processors.simulator.messages import Answer, json_answer

_REMOVE = "/remove"


def show(visit: Visit) -> Answer:
    """All rules, spent ones too, and how many calls are yet to be carried out; or the hits."""
    if visit.rest == "hits":
        return _list_hits(visit)
    _refuse_more(visit)
    simulation = visit.simulation
    rules, late = simulation.rule_book.list_all(), simulation.late_calls.count()
    return json_answer(200, {"faults": rules, "late_calls": late})


def _list_hits(visit: Visit) -> Answer:
    window = read_window(visit.request)
    hits = visit.simulation.rule_book.list_hits_after(
        window.after, limit=window.limit, account_id=window.account_id
    )
    return answer_page("hits", hits, window.after)


def change(visit: Visit) -> Answer:
    """Add a rule; or, because a form on a page cannot DELETE, remove `{id}/remove`."""
    if visit.rest.endswith(_REMOVE):
        return _remove_one(visit, visit.rest.removesuffix(_REMOVE))
    _refuse_more(visit)
    rule = read_model(FaultRule, read_fields(visit.request))
    simulation = visit.simulation
    added = simulation.rule_book.add(rule)
    return json_answer(201, describe_rule(added, simulation.clock.now_ms()))


def remove(visit: Visit) -> Answer:
    """Remove one rule or all. What they postponed is still carried out, hits stay listed."""
    if visit.rest:
        return _remove_one(visit, visit.rest)
    visit.simulation.rule_book.clear()
    return json_answer(200, {"removed": "all"})


def _remove_one(visit: Visit, rule_id: str) -> Answer:
    if not visit.simulation.rule_book.remove(rule_id):
        raise BadRequest(f"There is no fault {rule_id}.", status=404)
    return json_answer(200, {"removed": rule_id})


def _refuse_more(visit: Visit) -> None:
    if visit.rest:
        raise BadRequest(f"There is no {visit.request.path}.", status=404)
