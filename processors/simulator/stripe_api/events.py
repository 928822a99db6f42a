"""Events: what happened on the account, and the two addresses to read it."""

import stripe

from processors.simulator.call import Call
from processors.simulator.events import Event
from processors.simulator.messages import Json
from processors.simulator.objects import visible
from processors.simulator.stripe_api.errors import invalid, missing
from processors.simulator.stripe_api.listing import list_answer, read_page

API_VERSION = stripe.api_version


def record(
    call: Call, event_type: str, body: Json, snapshot: str, previous: Json | None = None
) -> None:
    """Note that `event_type` happened to the object; `snapshot` is its JSON text."""
    account_id = call.account.account_id
    record_on(call, account_id, event_type, body, snapshot=snapshot, previous=previous)


def record_on(
    call: Call,
    account_id: str,
    event_type: str,
    body: Json,
    *,
    snapshot: str,
    previous: Json | None = None,
) -> None:
    """Note what happened on an account that is not the call's own."""
    cause: Json = {"request": call.request_id, "key": call.idempotency_key}
    if previous:
        cause["previous"] = previous
    event = Event("stripe", account_id, event_type, body["id"], call.now_ms, snapshot, cause)
    call.simulation.events.record(event)


def render(event: Event, pending: int, *, connected: bool = False) -> Json:
    """The event as Stripe shows it; `connected` adds whose it is, for a platform's endpoint."""
    content: Json = {"object": visible(event.body)}
    if event.cause.get("previous"):
        content["previous_attributes"] = event.cause["previous"]
    rendered: Json = {
        "id": event.id,
        "object": "event",
        "api_version": API_VERSION,
        "created": event.created_ms // 1000,
        "data": content,
        "livemode": False,
        "pending_webhooks": pending,
        "request": {
            "id": event.cause.get("request"),
            "idempotency_key": event.cause.get("key"),
        },
        "type": event.type,
    }
    return {**rendered, "account": event.account_id} if connected else rendered


def retrieve(call: Call) -> Json:
    event = call.simulation.events.find("stripe", call.account.account_id, call.ids["id"])
    if event is None:
        raise missing("event", call.ids["id"])
    return render(event, call.simulation.events.count_pending(event.id))


def list_events(call: Call) -> Json:
    page = read_page(call)
    types = call.parameters.get("types") or [call.parameters.get("type")]
    patterns = tuple(each for each in types if each)
    account_id = call.account.account_id
    try:
        found = call.simulation.events.list("stripe", account_id, page.query, patterns)
    except LookupError as error:
        raise invalid(f"No such event: '{error}'", code="resource_missing") from error
    rendered = [render(each, call.simulation.events.count_pending(each.id)) for each in found]
    return list_answer("/v1/events", rendered, page)
