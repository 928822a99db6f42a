"""Webhooks on their way: held, let go in another order, lost, doubled, late.

    GET  deliveries?after=&limit=&account_id=   what was sent or waits, and how it went
    GET  deliveries/policy                      the policies in force
    POST deliveries/policy    {"account_id": "acct_1", "hold": true, "drop": 0.1, "double": 0.2,
                               "late_seconds": 3, "seed": 7}: replaces the account's policy, or
                               everybody's without an account; {} ends it
    POST deliveries/release   {"account_id": "acct_1", "event_types": […], "event_ids": […],
                               "order": "shuffled", "seed": 7, "copies": 2}: sends what is held;
                               the order is first (the default), last or shuffled
    POST deliveries/drop      the same selection: what is held is lost
    POST deliveries/resend    as release, but what was sent, given up or lost before

Each of the last three answers {"deliveries": n}. What is held stays held until it is released,
though the policy ends; a lost one stays in the list as `dropped`.
"""

from processors.simulator import delivery_queue
from processors.simulator.control.journals import list_deliveries
from processors.simulator.control.requests import BadRequest, Visit, read_fields, read_model
from processors.simulator.delivery_policies import DeliveryPolicy
from processors.simulator.delivery_queue import Selection, Sending
from processors.simulator.messages import Answer, json_answer


def show(visit: Visit) -> Answer:
    if not visit.rest:
        return list_deliveries(visit)
    if visit.rest != "policy":
        raise BadRequest(f"There is no {visit.request.path}.", status=404)
    policies = visit.simulation.delivery_policies.list_all()
    return json_answer(200, {"policies": [each.model_dump() for each in policies]})


def change(visit: Visit) -> Answer:
    """Set a policy, or move what waits."""
    if visit.rest == "policy":
        policy = read_model(DeliveryPolicy, read_fields(visit.request))
        visit.simulation.delivery_policies.put(policy)
        return json_answer(200, policy.model_dump())
    store = visit.simulation.store
    with store.transaction():
        moved = _move(visit)
        store.on_commit(visit.simulation.events.wake)
    return json_answer(200, {"deliveries": moved})


def _move(visit: Visit) -> int:
    store, fields = visit.simulation.store, read_fields(visit.request)
    if visit.rest == "release":
        return delivery_queue.release(store, read_model(Sending, fields))
    if visit.rest == "resend":
        return delivery_queue.resend(store, read_model(Sending, fields))
    if visit.rest == "drop":
        return delivery_queue.drop(store, read_model(Selection, fields))
    raise BadRequest(f"There is no {visit.request.path}.", status=404)
