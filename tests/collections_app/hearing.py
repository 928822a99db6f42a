"""Hearing of what happened at a simulated processor by its events alone."""

from datetime import datetime, timedelta

from django.utils import timezone

from collections_app.operations.unknown_attempts import settle_unknown_attempts
from payments.operations.parked_events import release_parked_events
from processors.models import Connection
from processors.operations.webhook_handling import handle_webhook_events
from tests.processors.webhooks.doors import open_door
from tests.simulation import Simulator


class EventListener:
    """Handles each event once, in its order, as it comes to the account's own address."""

    def __init__(self, account: Connection, simulator: Simulator) -> None:
        self._door = open_door(account)
        self._account_id = account.account_id
        self._simulator = simulator
        self._heard = 0

    def __call__(self, now: datetime) -> None:
        window = f"account_id={self._account_id}&after={self._heard}&limit=1000"
        for event in self._simulator.get(f"events?{window}")["events"]:
            self._heard = event["sequence"]
            assert self._door.send(event["body"]).status_code == 200
        now = max(now, timezone.now())
        while handle_webhook_events(now=now) or release_parked_events(now=now):
            # An event may only be the reason to ask; the question is due at once.
            settle_unknown_attempts(now=now)
            now += timedelta(minutes=1)
