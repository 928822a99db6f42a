from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from ...models import WebhookEvent
from ...operations.webhook_replay import replay_events
from ...states import WebhookState

REPLAYABLE = [
    WebhookState.DEAD,
    WebhookState.IGNORED,
    WebhookState.PARKED,
    WebhookState.RETRYING,
]


class Command(BaseCommand):
    help = "Handle webhook events again that were given up, ignored, or are waiting."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("events", nargs="*", metavar="EVENT", help="event ids of the processor")
        parser.add_argument("--all", action="store_true", help="all of the state and connection")
        parser.add_argument("--state", choices=REPLAYABLE, default=WebhookState.DEAD)
        parser.add_argument("--connection", type=int, metavar="ID", help="only its events")
        parser.add_argument("--dry-run", action="store_true", help="only count them")

    def handle(self, **options: Any) -> str:
        rows = WebhookEvent.objects.filter(door__environment=settings.ENVIRONMENT)
        if options["connection"] is not None:
            rows = rows.filter(connection=options["connection"])
        if options["events"]:
            rows = rows.filter(event_id__in=options["events"])
        elif options["all"]:
            rows = rows.filter(state=options["state"])
        else:
            return "Nothing is replayed: name events, or say --all."
        if options["dry_run"]:
            return f"{rows.count()} webhook events would be taken up again."
        replayed = replay_events(events=rows, by="command:replay_webhooks", now=timezone.now())
        return f"{replayed} webhook events are taken up again."
