"""Events: what Square tells its subscribers, in the envelope all of them share."""

import uuid

from processors.simulator.call import Call
from processors.simulator.events import Event
from processors.simulator.identifiers import to_iso
from processors.simulator.messages import Json
from processors.simulator.objects import visible

# Their envelope names the location too; that of payments and refunds does not.
_WITH_LOCATION = ("dispute", "payout")
_NOUNS = {"oauth": "revocation"}


def record(call: Call, event_type: str, body: Json, snapshot: str) -> None:
    """Note that `event_type` happened to the object; `snapshot` is its JSON text."""
    record_on(call, call.account.account_id, event_type, body, snapshot)


def record_on(call: Call, account_id: str, event_type: str, body: Json, snapshot: str) -> None:
    """Note what happened at a merchant that is not the call's own."""
    call.simulation.events.record(
        Event(
            processor="square",
            account_id=account_id,
            type=event_type,
            object_id=body["id"],
            created_ms=call.now_ms,
            snapshot=snapshot,
            id=str(uuid.uuid4()),
        )
    )


def render(event: Event) -> Json:
    """`data.object` has the object under its noun: `payment.updated` carries a `payment`."""
    noun = event.type.partition(".")[0]
    noun = _NOUNS.get(noun, noun)
    body = visible(event.body)
    if noun == "revocation":
        del body["id"]
    place = {"location_id": body["location_id"]} if noun in _WITH_LOCATION else {}
    return {
        "merchant_id": event.account_id,
        **place,
        "type": event.type,
        "event_id": event.id,
        "created_at": to_iso(event.created_ms),
        "data": {
            "type": noun,
            "id": event.object_id,
            "object": {noun: body},
        },
    }
