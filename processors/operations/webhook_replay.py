"""Events that are taken up again, given up, or emptied."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from bookedbarber.foundation.errors import Conflict
from bookedbarber.foundation.jobs import enqueue_on_commit
from bookedbarber.foundation.transitions import move_all

from ..models import Connection, WebhookEvent
from ..states import WEBHOOK_TRANSITIONS, WebhookState

BY = "job:processors.handle_webhook_events"
JOB = "processors.handle_webhook_events"
CHUNK = 500


class CannotBeReplayed(Conflict):
    """The event is handled, or its body is forgotten."""


def replay_event(*, event: WebhookEvent, by: str, now: datetime, reason: str = "") -> WebhookEvent:
    """Handle an event again that was ignored, given up, or is waiting. It gets its full time anew.

    :raises CannotBeReplayed: it is handled, or its body is forgotten.
    """
    if replay_events(
        events=WebhookEvent.objects.filter(pk=event.pk), by=by, now=now, reason=reason
    ):
        event.refresh_from_db()
        return event
    raise CannotBeReplayed(state=event.state)


def replay_events(
    *, events: QuerySet[WebhookEvent], by: str, now: datetime, reason: str = ""
) -> int:
    """Handle again all of these that can be, a chunk at a time. Returns how many.

    Those that are being handled at this moment are left out; what was handled stays so.
    """
    again = [state for state, to in WEBHOOK_TRANSITIONS.items() if WebhookState.RECEIVED in to]
    wanted = events.filter(state__in=[*again, WebhookState.RETRYING], body__isnull=False)
    replayed, last = 0, 0
    while keys := list(
        wanted.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK]
    ):
        replayed += _replay(keys, by, now, reason)
        last = keys[-1]
    return replayed


@transaction.atomic
def release_parked(
    *, connection_id: int, external_ids: Iterable[str], by: str, now: datetime
) -> int:
    """Take up the events that wait for objects which have just been recorded. Returns how many.

    May be called inside the transaction that records them; one that is missed is found later.
    """
    parked = WebhookEvent.objects.parked().filter(
        connection_id=connection_id, waits_for__in=list(external_ids)
    )
    return _release(parked, by, now)


@transaction.atomic
def release_accounts(*, now: datetime) -> int:
    """Take up the events of accounts that have been connected since they came."""
    connected = Connection.objects.filter(
        processor=OuterRef("door__processor"),
        environment=OuterRef("door__environment"),
        account_id=OuterRef("account_id"),
    )
    parked = WebhookEvent.objects.parked().filter(Exists(connected), connection=None)
    return _release(parked, BY, now)


@transaction.atomic
def give_up_parked_events(*, now: datetime) -> int:
    """Leave to a person what has waited too long for its object. Returns how many."""
    late = _lock(WebhookEvent.objects.parked().filter(next_try_at__lte=now))
    move_all(late, WebhookState.DEAD, by=BY, reason="its object never came", next_try_at=None)
    return len(late)


def forget_webhook_bodies(*, now: datetime) -> int:
    """Empty the bodies of events that are done with for `WEBHOOK_BODY_DAYS`. Returns how many.

    That they came is remembered for ever.
    """
    before = now - timedelta(days=settings.WEBHOOK_BODY_DAYS)
    done = [WebhookState.HANDLED, WebhookState.IGNORED, WebhookState.DEAD]
    old = WebhookEvent.objects.filter(received_at__lt=before, state__in=done, body__isnull=False)
    forgotten, last = 0, 0
    while keys := _list_keys(old, last):
        forgotten += old.filter(pk__in=keys).update(body=None, signature="")
        last = keys[-1]
    return forgotten


def _list_keys(rows: QuerySet[WebhookEvent], after: int) -> list[int]:
    return list(rows.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:CHUNK])


@transaction.atomic
def _replay(keys: Sequence[int], by: str, now: datetime, reason: str) -> int:
    rows = _lock(WebhookEvent.objects.filter(pk__in=keys))
    give_up_at = now + timedelta(seconds=settings.WEBHOOK_GIVE_UP_SECONDS)
    fresh: dict[str, Any] = {"next_try_at": now, "give_up_at": give_up_at, "handled_at": None}
    waiting = [row.pk for row in rows if row.state == WebhookState.RETRYING]
    WebhookEvent.objects.filter(pk__in=waiting).update(**fresh)
    closed = [
        row for row in rows if WebhookState.RECEIVED in WEBHOOK_TRANSITIONS[WebhookState(row.state)]
    ]
    _receive_again(closed, by, reason or "replayed", **fresh)
    enqueue_on_commit(JOB)
    return len(waiting) + len(closed)


def _release(parked: QuerySet[WebhookEvent], by: str, now: datetime) -> int:
    rows = _lock(parked)
    _receive_again(rows, by, "its object came", next_try_at=now)
    if rows:
        enqueue_on_commit(JOB)
    return len(rows)


def _receive_again(rows: Sequence[WebhookEvent], by: str, reason: str, **changes: Any) -> None:
    changes |= {"waits_for": "", "explanation": "", "error": ""}
    move_all(rows, WebhookState.RECEIVED, by=by, reason=reason, **changes)


def _lock(rows: QuerySet[WebhookEvent]) -> list[WebhookEvent]:
    """Those of them that nobody else holds."""
    locked = rows.select_for_update(skip_locked=True, of=["self"]).defer("body")
    return list(locked.order_by("pk")[:CHUNK])
