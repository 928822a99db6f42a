from datetime import timedelta

import pytest
from django.utils import timezone

from bookedbarber.foundation.errors import Invalid
from bookedbarber.foundation.models import AuditEntry, StateChange
from processors.models import WebhookEvent
from processors.operations.webhook_handling import handle_webhook_events
from processors.operations.webhook_outcomes import (
    Handled,
    Ignored,
    Later,
    Parked,
    Reported,
)
from processors.operations.webhook_replay import (
    CannotBeReplayed,
    forget_webhook_bodies,
    release_parked,
    replay_event,
    replay_events,
)

from .probes import DAY, handle, probe, receive, write_down

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_event_waits_for_its_object(stripe_door, stripe, answering):
    answering(lambda _reported: Parked("ch_1"))
    event = receive(stripe_door)
    now = timezone.now()
    handle()
    event.refresh_from_db()
    assert (event.state, event.waits_for) == ("parked", "ch_1")
    assert handle(after=DAY) == 0

    answering(write_down)
    other = release_parked(connection_id=stripe.pk, external_ids=["ch_2"], by="job:x", now=now)
    released = release_parked(connection_id=stripe.pk, external_ids=["ch_1"], by="job:x", now=now)

    assert (other, released) == (0, 1)
    assert handle() == 1
    event.refresh_from_db()
    assert (event.state, event.waits_for) == ("handled", "")


def test_an_object_that_never_comes_leaves_its_event_to_a_person(stripe_door, answering):
    answering(lambda _reported: Parked("ch_1"))
    event = receive(stripe_door)
    handle()

    handle(after=3 * DAY + timedelta(minutes=1))

    event.refresh_from_db()
    assert (event.state, event.waits_for) == ("dead", "ch_1")


def test_one_event_is_replayed_by_a_person(stripe_door, answering):
    answering(lambda _reported: Ignored("not_wanted"))
    event = receive(stripe_door)
    handle()
    answering(write_down)
    event.refresh_from_db()

    replay_event(event=event, by="usr_1", now=timezone.now(), reason="wanted after all")

    assert handle() == 1
    event.refresh_from_db()
    assert (event.state, event.explanation) == ("handled", "")
    last = StateChange.objects.filter(subject=event.subject, after="received").get()
    assert (last.by, last.reason) == ("usr_1", "wanted after all")


def test_what_was_handled_is_not_replayed(stripe_door, answering):
    answering(write_down)
    event = receive(stripe_door)
    handle()
    event.refresh_from_db()

    with pytest.raises(CannotBeReplayed):
        replay_event(event=event, by="usr_1", now=timezone.now())

    assert AuditEntry.objects.filter(action="probe").count() == 1


def test_all_are_replayed_but_those_that_are_done(stripe_door, answering):
    outcomes = [Ignored("x"), Parked("ch_1"), Later("x"), Handled()]
    answering(lambda _reported: outcomes.pop())
    for _ in range(4):
        receive(stripe_door)
    handle()
    answering(write_down)

    replayed = replay_events(events=WebhookEvent.objects.all(), by="usr_1", now=timezone.now())

    assert (replayed, handle()) == (3, 3)


def test_a_replayed_event_gets_its_time_anew(stripe_door, answering):
    def refuse(reported: Reported) -> Handled:
        raise Invalid("never")

    answering(refuse)
    event = receive(stripe_door)
    then = event.received_at + 4 * DAY
    handle_webhook_events(now=then)
    handle_webhook_events(now=then + DAY)
    event.refresh_from_db()
    assert event.state == "dead"

    replay_event(event=event, by="usr_1", now=then + DAY)
    handle_webhook_events(now=then + DAY)

    event.refresh_from_db()
    assert event.state == "retrying"


def test_bodies_are_forgotten_and_events_are_not(stripe_door, answering):
    answering(lambda _reported: Handled())
    event = receive(stripe_door)
    waiting = receive(stripe_door)
    WebhookEvent.objects.filter(pk=waiting.pk).update(next_try_at=timezone.now() + 400 * DAY)
    handle()

    assert forget_webhook_bodies(now=timezone.now() + 89 * DAY) == 0
    assert forget_webhook_bodies(now=timezone.now() + 91 * DAY) == 1

    event.refresh_from_db()
    assert event.body is None
    again = stripe_door.send(probe(id=event.event_id))
    assert again.json()["duplicate"] is True
