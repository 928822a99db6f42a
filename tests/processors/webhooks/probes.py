"""Events whose meaning is the test's own."""

from datetime import timedelta

from django.utils import timezone

from bookedbarber.foundation.models import AuditEntry
from processors.models import WebhookEvent
from processors.operations.webhook_handling import handle_webhook_events
from processors.operations.webhook_outcomes import Handled, Reported
from tests.processors.webhooks.doors import Door, stripe_event

ACCOUNT = {"object": "account", "charges_enabled": True, "default_currency": "usd"}
DAY = timedelta(days=1)


def probe(**fields):
    """An event whose object any account may have."""
    return stripe_event("probe.sent", ACCOUNT, **fields)


def receive(door: Door, **fields) -> WebhookEvent:
    event_id = door.send(probe(**fields)).json()["event_id"]
    return WebhookEvent.objects.get(event_id=event_id)


def handle(after: timedelta = timedelta(0)) -> int:
    return handle_webhook_events(now=timezone.now() + after)


def write_down(reported: Reported) -> Handled:
    """What is written stays only if the event is handled."""
    AuditEntry.objects.create(subject=reported.event.event_id, action="probe", by=reported.by)
    return Handled()
