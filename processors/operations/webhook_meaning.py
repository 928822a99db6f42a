"""What an event means: to whom it is addressed, what it says, and whom that concerns."""

from datetime import datetime
from functools import cache
from logging import getLogger
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from ..errors import AnswerLost
from ..models import Connection, WebhookEvent
from ..registry import get_webhooks
from ..states import Environment
from .webhook_outcomes import EventOperation, Ignored, Outcome, Parked, Reported

log = getLogger("bookedbarber.webhooks")


def find_outcome(*, event: WebhookEvent, now: datetime, answer: Any = None) -> Outcome:
    """Let the operation that an event concerns say what becomes of it.

    Call it with the event's row locked. What is for nobody, or says nothing that can be read, is
    ignored, and why is named.
    """
    processor = event.door.processor
    operation = find_operation(processor=processor, event_type=event.type)
    if operation is None:
        return Ignored(f"type_not_used: {event.type}")
    if event.body is None:
        return Ignored("body_forgotten")
    try:
        return _let_say(operation, event, bytes(event.body), now, answer)
    except _NotForUs as refusal:
        return refusal.outcome


def find_operation(*, processor: str, event_type: str) -> EventOperation | None:
    """Return what answers events of a type, None for one that nobody wants.

    A route names a type, or its beginning: "stripe:charge.dispute." goes before "stripe:charge.".
    """
    routes: dict[str, EventOperation] = _get_routes(settings.ROOT_EVENTCONF)
    name = f"{processor}:{event_type}"
    while name:
        if name in routes:
            return routes[name]
        name = _shorten(name)
    return None


class _NotForUs(Exception):
    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


def _let_say(
    operation: EventOperation, event: WebhookEvent, body: bytes, now: datetime, answer: Any
) -> Outcome:
    _check_environment(event, body)
    connection = _get_connection(event)
    try:
        news = get_webhooks(event.door.processor).read_news(body)
    except AnswerLost as error:
        field = error.details.get("field")
        log.warning("Webhook event %s was not understood at %s", event.pk, field)
        return Ignored(f"not_understood: {field}")
    if news is None:
        return Ignored(f"object_not_used: {event.type}")
    reported = Reported(event=event, connection=connection, news=news, now=now, answer=answer)
    return operation(reported)


def _check_environment(event: WebhookEvent, body: bytes) -> None:
    """Sandbox money never enters production books, nor the other way."""
    is_live = get_webhooks(event.door.processor).read_envelope(body).is_live
    if is_live is not None and is_live != (settings.ENVIRONMENT == Environment.PRODUCTION):
        raise _NotForUs(Ignored("other_environment"))


def _get_connection(event: WebhookEvent) -> Connection:
    connection = _find_connection(event)
    if connection is None:
        raise _NotForUs(
            Parked(f"account:{event.account_id}") if event.account_id else Ignored("no_account")
        )
    if event.account_id and event.account_id != connection.account_id:
        raise _NotForUs(Ignored("other_account"))
    return connection


def _find_connection(event: WebhookEvent) -> Connection | None:
    if event.connection_id is not None:
        return Connection.objects.get(pk=event.connection_id)
    known = Connection.objects.in_environment(event.door.environment)
    found = known.filter(processor=event.door.processor, account_id=event.account_id).first()
    if found is not None:
        WebhookEvent.objects.filter(pk=event.pk).update(connection=found)
    return found


@cache
def _get_routes(root: str) -> dict[str, EventOperation]:
    routes: dict[str, EventOperation] = import_string(f"{root}.event_routes")
    return routes


def _shorten(name: str) -> str:
    """Return the next shorter beginning that ends in a point, "" when there is none."""
    return name.rstrip(".").rpartition(".")[0] + "." if "." in name.rstrip(".") else ""
