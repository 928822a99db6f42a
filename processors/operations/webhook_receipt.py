"""Taking in an event: verify, store, answer. What it means is found out later, by a worker."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection as database

from bookedbarber.foundation.errors import Invalid
from bookedbarber.foundation.jobs import wake_now_and_in

from ..contract import EventEnvelope
from ..errors import AnswerLost
from ..queries.webhook_doors import OpenDoor, get_open_door
from ..registry import get_webhooks
from .webhook_doors import count_refusal

# A process wakes the worker this often at most, each time for all that comes until the next.
WAKE_SECONDS = 2.0

_STORE = """
INSERT INTO processors_webhookevent (
  door_id, connection_id, event_id, type, account_id, object_id, occurred_at, received_at, body,
  signature, state, explanation, waits_for, next_try_at, give_up_at, tries, error)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'received', '', '', %s, %s, 0, '')
ON CONFLICT DO NOTHING
RETURNING id
"""


class WebhookSignatureInvalid(Invalid):
    """The request is not signed by the processor."""

    code = "WEBHOOK_SIGNATURE_INVALID"


class EventNotReadable(Invalid):
    """The request is signed, but no event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    event_id: str
    event_type: str
    is_duplicate: bool


def receive_event(
    *, processor: str, connection_id: int | None, body: bytes, signature: str, now: datetime
) -> Receipt:
    """Store a genuine event once, before the sender is told that it arrived.

    `connection_id` is None at an application's address. An event that came before, even at this
    moment, adds no row and no job. One that is not genuine is counted and leaves nothing else.

    :raises NoSuchDoor: there is no such address.
    :raises WebhookSignatureInvalid: it is not signed with one of the door's secrets, or not now.
    :raises EventNotReadable: the signed body is no event.
    """
    door = _verify(processor, connection_id, body, signature, now)
    envelope = _read(door, body)
    is_new = _store(door, envelope, body, signature, now)
    if is_new:
        waker.wake()
    return Receipt(event_id=envelope.event_id, event_type=envelope.type, is_duplicate=not is_new)


class _Waker:
    """What this process has told the worker."""

    def __init__(self) -> None:
        self.quiet_until = 0.0

    @property
    def is_quiet(self) -> bool:
        return time.monotonic() < self.quiet_until

    def wake(self) -> None:
        if not self.is_quiet:
            self.quiet_until = time.monotonic() + WAKE_SECONDS
            wake_now_and_in(WAKE_SECONDS, "processors.handle_webhook_events")


waker = _Waker()


def _verify(
    processor: str, connection_id: int | None, body: bytes, signature: str, now: datetime
) -> OpenDoor:
    door = get_open_door(processor, connection_id)
    if _is_signed(door, body, signature, now):
        return door
    # A secret may have been added since it was read.
    door = get_open_door(processor, connection_id, may_be_kept=False)
    if _is_signed(door, body, signature, now):
        return door
    why = _explain(door, signature)
    count_refusal(door=door, why=why, now=now)
    raise WebhookSignatureInvalid(why)


def _is_signed(door: OpenDoor, body: bytes, signature: str, now: datetime) -> bool:
    webhooks = get_webhooks(door.processor)
    return any(
        webhooks.is_signed(body, signature, secret=secret, address=door.address, now=now)
        for secret in door.secrets
    )


def _explain(door: OpenDoor, signature: str) -> str:
    if not door.secrets:
        return "This address has no webhook secret yet"
    if not signature:
        return f"The header {get_webhooks(door.processor).SIGNATURE_HEADER} is missing"
    return "The signature is wrong, or too old"


def _read(door: OpenDoor, body: bytes) -> EventEnvelope:
    try:
        return get_webhooks(door.processor).read_envelope(body)
    except AnswerLost as error:
        field = error.details.get("field")
        raise EventNotReadable(f"The event was not understood at {field}", field=field) from error


def _store(
    door: OpenDoor, envelope: EventEnvelope, body: bytes, signature: str, now: datetime
) -> bool:
    """Whether it is new."""
    give_up_at = now + timedelta(seconds=settings.WEBHOOK_GIVE_UP_SECONDS)
    row = [
        door.id, door.connection_id, envelope.event_id, envelope.type, envelope.account_id,
        envelope.object_id, envelope.occurred_at, now, body, signature, now, give_up_at,
    ]  # fmt: skip
    with database.cursor() as cursor:
        cursor.execute(_STORE, row)
        return cursor.fetchone() is not None
