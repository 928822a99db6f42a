"""Handling events: the inbox table is the queue, a row's lock says who handles it.

Messages only wake a worker, and a sweeper comes every few seconds. What an event changes and that
it is handled are one transaction, so it is handled once, wherever a worker dies. A question to
the processor is asked between two transactions.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from logging import getLogger
from typing import Any

from django.conf import settings
from django.db import transaction

from bookedbarber.foundation.database import retry_transaction
from bookedbarber.foundation.errors import DomainError
from bookedbarber.foundation.redaction import redact
from bookedbarber.foundation.transitions import move

from ..errors import RequestRefused
from ..models import WebhookEvent
from ..states import WebhookState
from .webhook_meaning import find_outcome
from .webhook_outcomes import Handled, Ignored, Later, Outcome, Parked, Question
from .webhook_replay import give_up_parked_events, release_accounts

log = getLogger("bookedbarber.webhooks")

BY = "job:processors.handle_webhook_events"
MOST_AT_ONCE = 500
_LONGEST_ERROR = 2000


@dataclass(frozen=True, slots=True)
class _Asked:
    """An event that waits for a processor's answer; nobody else takes it before `until`."""

    event_id: int
    until: datetime
    question: Question


def handle_webhook_events(*, now: datetime) -> int:
    """Handle the events that are due, the longest waiting first. Returns how many were taken.

    Any number of workers may do so at once. One that fails is tried again after a while, and
    left to a person when it has failed for `WEBHOOK_GIVE_UP_SECONDS`.
    """
    give_up_parked_events(now=now)
    release_accounts(now=now)
    taken = 0
    while taken < MOST_AT_ONCE and _handle_next(now):
        taken += 1
    return taken


def _handle_next(now: datetime) -> bool:
    tried: list[int] = []
    try:
        asked = _begin(now, tried)
        if asked is not None:
            _finish(asked, _ask(asked), now)
    except Exception as error:
        if not tried:
            raise
        _note_failure(tried[-1], error, now)
    return bool(tried)


@retry_transaction
def _begin(now: datetime, tried: list[int]) -> _Asked | None:
    """Handle the next event, whose id goes into `tried`, as far as that needs no question."""
    due = WebhookEvent.objects.due(now).filter(door__environment=settings.ENVIRONMENT)
    event = due.select_for_update(skip_locked=True, of=["self"]).select_related("door").first()
    if event is None:
        return None
    tried.append(event.pk)
    outcome = find_outcome(event=event, now=now)
    if not isinstance(outcome, Question):
        _settle(event, outcome, now)
        return None
    until = now + timedelta(seconds=settings.WEBHOOK_QUESTION_SECONDS)
    WebhookEvent.objects.filter(pk=event.pk).update(next_try_at=until)
    return _Asked(event.pk, until, outcome)


def _ask(asked: _Asked) -> object:
    """The answer, or what becomes of an event whose object its own processor denies."""
    try:
        return asked.question.ask()
    except RequestRefused as refusal:
        return Ignored(f"processor_denies_it: {refusal.message}")


@retry_transaction
def _finish(asked: _Asked, answer: object, now: datetime) -> None:
    """Handle an event with what was answered, unless somebody else took it over meanwhile.

    Waits for its lock: who saw it due a moment ago holds that, too, while he handles the next one.
    """
    event = (
        WebhookEvent.objects.due(asked.until)
        .filter(pk=asked.event_id, next_try_at=asked.until)
        .select_for_update(of=["self"])
        .select_related("door")
        .first()
    )
    if event is None:
        return
    if isinstance(answer, Ignored):
        _settle(event, answer, now)
    else:
        _settle(event, find_outcome(event=event, now=now, answer=answer), now)


def _settle(event: WebhookEvent, outcome: Outcome, now: datetime) -> None:
    done: dict[str, Any] = {"next_try_at": None, "handled_at": now, "error": ""}
    match outcome:
        case Handled():
            move(event, WebhookState.HANDLED, by=BY, **done)
        case Ignored(reason):
            done["explanation"] = reason[:255]
            move(event, WebhookState.IGNORED, by=BY, reason=reason, **done)
        case Parked(waits_for):
            move(
                event,
                WebhookState.PARKED,
                by=BY,
                reason=f"waits for {waits_for}",
                waits_for=waits_for[:255],
                next_try_at=event.give_up_at,
            )
        case Later(why):
            _try_again(event, why, now)
        case Question():
            raise RuntimeError(f"{event.type} asks again after its answer")


def _note_failure(event_id: int, error: Exception, now: datetime) -> None:
    if isinstance(error, DomainError):
        why = error.message
    else:
        log.error("Webhook event %s could not be handled", event_id, exc_info=error)
        why = f"{type(error).__name__}: {error}"
    with transaction.atomic():
        event = WebhookEvent.objects.select_for_update().get(pk=event_id)
        _try_again(event, redact(why), now)


def _try_again(event: WebhookEvent, why: str, now: datetime) -> None:
    """After a delay that grows, until its time is over."""
    tries = event.tries + 1
    changes: dict[str, Any] = {"tries": tries, "error": why[:_LONGEST_ERROR]}
    if event.state == WebhookState.RETRYING and now >= event.give_up_at:
        move(event, WebhookState.DEAD, by=BY, reason=why, next_try_at=None, **changes)
        return
    changes["next_try_at"] = now + _get_delay(tries)
    if event.state == WebhookState.RETRYING:
        WebhookEvent.objects.filter(pk=event.pk).update(**changes)
    elif event.state == WebhookState.RECEIVED:
        move(event, WebhookState.RETRYING, by=BY, reason=why, **changes)


def _get_delay(tries: int) -> timedelta:
    """Spread, so that what failed together does not come back together."""
    schedule: list[float] = settings.WEBHOOK_RETRY_SECONDS
    seconds = schedule[min(tries, len(schedule)) - 1]
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))
