"""Events that wait for an object which meanwhile came by another way."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from processors.models import WebhookEvent
from processors.operations.webhook_replay import release_parked

from ..models import ExternalTransaction

BY = "job:payments.release_parked_events"
MOST_AT_ONCE = 500


def release_parked_events(*, now: datetime) -> int:
    """Take up the events whose object is recorded by now. Returns how many.

    The response, the sweeper and sync record objects without looking for events.
    """
    recorded = ExternalTransaction.objects.filter(connection=OuterRef("connection"))
    by_name = Exists(recorded.filter(external_id=OuterRef("waits_for")))
    by_group = Exists(recorded.filter(group_id=OuterRef("waits_for")))
    waiting = WebhookEvent.objects.parked().filter(by_name | by_group).order_by("pk")
    named = waiting.values_list("connection_id", "waits_for")[:MOST_AT_ONCE]
    return sum(
        release_parked(connection_id=connection_id, external_ids=[name], by=BY, now=now)
        for connection_id, name in dict.fromkeys(named)
        if connection_id is not None
    )
