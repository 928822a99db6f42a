from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction

from bookedbarber.foundation.errors import Invalid
from bookedbarber.foundation.models import AuditEntry, StateChange
from processors.errors import ProcessorNotReached
from processors.models import WebhookEvent
from processors.operations.webhook_doors import add_application_secret
from processors.operations.webhook_handling import handle_webhook_events
from processors.operations.webhook_meaning import find_operation
from processors.operations.webhook_outcomes import (
    Handled,
    Later,
    Question,
    Reported,
)
from tests import factories
from tests.factories import LONG_AGO
from tests.payments.books import at_once
from tests.processors.webhooks.doors import Door, load, open_door

from .probes import DAY, handle, probe, receive, write_down

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_event_is_handled_once(stripe_door, answering):
    answering(write_down)
    event = receive(stripe_door)

    assert [handle(), handle()] == [1, 0]

    event.refresh_from_db()
    assert (event.state, event.next_try_at) == ("handled", None)
    assert AuditEntry.objects.filter(action="probe").count() == 1
    change = StateChange.objects.get(subject=event.subject)
    assert (change.before, change.after) == ("received", "handled")


def test_a_type_that_nobody_wants_is_kept_and_named(square_door):
    square_door.send(load("square/invoice.updated.json"))

    handle()

    event = WebhookEvent.objects.get()
    assert (event.state, event.explanation) == ("ignored", "type_not_used: invoice.updated")
    assert event.body is not None


def test_the_longest_name_is_the_route(answering):
    answering(write_down)

    assert find_operation(processor="stripe", event_type="probe.sent.again") is not None
    assert find_operation(processor="stripe", event_type="probing") is None
    assert find_operation(processor="square", event_type="probe.sent") is None


def test_what_fails_leaves_nothing_and_is_tried_again_later(stripe_door, answering, settings):
    def fail(reported: Reported) -> Handled:
        write_down(reported)
        raise ValueError("a bug, with sk_live_secret in its words")

    answering(fail)
    event = receive(stripe_door)

    handle()
    event.refresh_from_db()
    assert (event.state, event.tries) == ("retrying", 1)
    assert "a bug" in event.error
    assert "sk_live" not in event.error
    assert AuditEntry.objects.filter(action="probe").count() == 0
    assert handle() == 0

    answering(write_down)
    assert handle(after=timedelta(seconds=10)) == 1
    event.refresh_from_db()
    assert (event.state, event.error) == ("handled", "")


def test_delays_grow_and_after_three_days_it_waits_for_a_person(stripe_door, answering, settings):
    def refuse(reported: Reported) -> Handled:
        raise Invalid("never")

    answering(refuse)
    event = receive(stripe_door)
    now, delays = event.received_at, []
    while event.state in {"received", "retrying"}:
        now = event.next_try_at
        handle_webhook_events(now=now)
        event.refresh_from_db()
        if event.next_try_at is not None:
            delays.append((event.next_try_at - now).total_seconds())

    assert event.state == "dead"
    assert event.error == "never"
    assert now - event.received_at >= 3 * DAY
    expected = settings.WEBHOOK_RETRY_SECONDS
    for delay, planned in zip(delays, expected, strict=False):
        assert 0.75 * planned <= delay <= 1.25 * planned
    assert len(set(delays[5:])) > 1, "they are spread"
    assert handle(after=30 * DAY) == 0


def test_one_that_fails_does_not_hold_up_the_others(stripe_door, answering):
    bad = receive(stripe_door)

    def choose(reported: Reported) -> Handled:
        if reported.event.pk == bad.pk:
            raise Invalid("bad")
        return Handled()

    answering(choose)
    good = receive(stripe_door)

    assert handle() == 2

    good.refresh_from_db()
    assert good.state == "handled"


def test_two_workers_at_once_handle_each_event_once(stripe_door, answering):
    answering(write_down)
    events = [receive(stripe_door) for _ in range(12)]

    taken = at_once([handle] * 4)

    assert sum(taken) == 12
    assert AuditEntry.objects.filter(action="probe").count() == len(events)
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"handled"}


def test_an_event_that_somebody_handles_is_left_to_him(stripe_door, answering):
    event = receive(stripe_door)
    answering(write_down)

    with transaction.atomic():
        WebhookEvent.objects.select_for_update().get(pk=event.pk)
        meanwhile = at_once([handle])

    assert meanwhile == [0]
    assert handle() == 1


def test_the_same_event_at_the_same_moment_is_stored_once(stripe_door, answering):
    event = probe()

    answers = at_once([partial(stripe_door.send, event) for _ in range(6)])

    assert sorted(answer.json()["duplicate"] for answer in answers) == [False] + [True] * 5
    assert WebhookEvent.objects.count() == 1


def test_a_worker_cut_in_the_middle_leaves_it_to_the_next(stripe_door, answering):
    def die(reported: Reported) -> Handled:
        write_down(reported)
        raise SystemExit

    answering(die)
    event = receive(stripe_door)

    with pytest.raises(SystemExit):
        handle()
    event.refresh_from_db()
    assert event.state == "received"
    answering(write_down)

    assert [handle(), handle()] == [1, 0]
    assert AuditEntry.objects.filter(action="probe").count() == 1


def test_a_question_is_asked_without_a_transaction(stripe_door, answering):
    seen: list[bool] = []

    def ask() -> str:
        seen.append(transaction.get_connection().in_atomic_block)
        return "42"

    def operation(reported: Reported) -> Handled | Question:
        if reported.answer is None:
            return Question(ask)
        AuditEntry.objects.create(subject=reported.answer, action="probe", by=reported.by)
        return Handled()

    answering(operation)
    event = receive(stripe_door)

    assert [handle(), handle()] == [1, 0]

    event.refresh_from_db()
    assert (event.state, seen) == ("handled", [False])
    assert AuditEntry.objects.get(action="probe").subject == "42"


def test_while_one_asks_nobody_else_takes_it(stripe_door, answering):
    others: list[object] = []

    def ask() -> str:
        others.extend(at_once([handle]))
        return "answer"

    def operation(reported: Reported) -> Handled | Question:
        if reported.answer is None:
            return Question(ask)
        return Handled()

    answering(operation)
    receive(stripe_door)
    handle()

    assert others == [0]


def test_a_question_without_an_answer_is_asked_again_later(stripe_door, answering):
    def ask() -> str:
        raise ProcessorNotReached(cause="nobody there")

    answering(lambda _reported: Question(ask))
    event = receive(stripe_door)

    handle()

    event.refresh_from_db()
    assert (event.state, event.tries) == ("retrying", 1)
    assert handle() == 0


def test_a_worker_killed_while_asking_loses_the_event_only_for_a_minute(stripe_door, answering):
    def die() -> str:
        raise SystemExit

    answering(lambda _reported: Question(die))
    event = receive(stripe_door)
    with pytest.raises(SystemExit):
        handle()
    answering(lambda _reported: Handled())

    assert handle() == 0
    assert handle(after=timedelta(seconds=61)) == 1
    event.refresh_from_db()
    assert event.state == "handled"


def test_an_answer_that_comes_after_somebody_took_over_changes_nothing(stripe_door, answering):
    def slow() -> str:
        answering(write_down)
        handle(after=timedelta(seconds=61))
        return "late"

    answering(lambda _reported: Question(slow))
    receive(stripe_door)
    handle()

    assert AuditEntry.objects.filter(action="probe").count() == 1


def test_what_must_wait_is_tried_again(stripe_door, answering):
    answering(lambda _reported: Later("somebody has it in hand"))
    event = receive(stripe_door)

    handle()

    event.refresh_from_db()
    assert (event.state, event.error) == ("retrying", "somebody has it in hand")


def test_another_accounts_event_is_ignored_by_name(stripe_door, answering):
    answering(write_down)
    event = receive(stripe_door, account="acct_somebody")

    handle()

    event.refresh_from_db()
    assert (event.state, event.explanation) == ("ignored", "other_account")


def test_an_event_of_real_money_is_ignored_in_the_sandbox(stripe_door, answering):
    answering(write_down)
    event = receive(stripe_door, livemode=True)

    handle()

    event.refresh_from_db()
    assert (event.state, event.explanation) == ("ignored", "other_environment")


def test_an_applications_event_finds_its_account(stripe, answering, stripe_door):
    answering(write_down)
    application = Door("stripe", "whsec_application")
    add_application_secret(processor="stripe", secret=application.secret, by="usr_1", now=LONG_AGO)
    event = receive(application, account=stripe.account_id)

    handle()

    event.refresh_from_db()
    assert (event.state, event.connection) == ("handled", stripe)


def test_an_applications_event_waits_for_its_account_to_be_connected(db, answering):
    answering(write_down)
    application = Door("stripe", "whsec_application")
    add_application_secret(processor="stripe", secret=application.secret, by="usr_1", now=LONG_AGO)
    event = receive(application, account="acct_new")
    handle()
    event.refresh_from_db()
    assert (event.state, event.waits_for) == ("parked", "account:acct_new")

    connection = factories.create_connection(
        factories.create_barber(), processor="stripe", account_id="acct_new"
    )

    assert handle() == 1
    event.refresh_from_db()
    assert (event.state, event.connection) == ("handled", connection)


def test_an_object_that_cannot_be_read_is_ignored_by_name(square_door, answering):
    answering(write_down)
    event = load("square/payment.created.json")
    for number, (field, value) in enumerate({
        "amount": 2**63, "currency": "QQQ",
    }.items()):  # fmt: skip
        event["data"]["object"]["payment"]["total_money"] |= {field: value}
        square_door.send(event | {"event_id": f"e-{number}", "merchant_id": "MLSQUARE"})
        event = load("square/payment.created.json")

    handle()

    found = WebhookEvent.objects.order_by("event_id").values_list("state", "explanation")
    assert list(found) == [
        ("ignored", "not_understood: amount"),
        ("ignored", "not_understood: currency"),
    ]


def test_events_of_the_other_environment_wait_for_its_deployment(stripe_door, answering, settings):
    answering(write_down)
    receive(stripe_door)

    settings.ENVIRONMENT = "production"

    assert handle() == 0


def test_a_door_of_square_is_not_one_of_stripe(square, answering):
    door = open_door(square)

    assert door.send(probe()).status_code == 400
