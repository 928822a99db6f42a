import json
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import OperationalError
from django.db import connection as database
from django.utils import timezone

from bookedbarber.foundation.models import AuditEntry
from processors.models import WebhookDoor, WebhookEvent
from processors.operations.webhook_doors import (
    SecretNotUsable,
    TooManySecrets,
    add_application_secret,
    add_webhook_secret,
    retire_old_secrets,
)
from processors.operations.webhook_receipt import waker
from processors.queries.webhook_doors import forget_kept_doors
from tests import factories
from tests.factories import LONG_AGO
from tests.processors.webhooks.doors import Door, load, open_door, stripe_event

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db

CHARGE = {"id": "ch_1", "object": "charge"}


def get_refusals(door: Door) -> tuple[int, str]:
    row = WebhookDoor.objects.get(connection=door.connection_id)
    return row.refused_count, row.last_refusal


def check_refused(answer, door: Door, *, times: int = 1) -> None:
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "WEBHOOK_SIGNATURE_INVALID"
    assert WebhookEvent.objects.count() == 0
    assert get_refusals(door)[0] == times


def test_a_genuine_event_is_stored_as_it_came_and_answered(stripe_door, stripe):
    event = stripe_event("charge.succeeded", CHARGE, account=stripe.account_id)
    body = json.dumps(event, indent=3).encode()

    answer = stripe_door.send(body)

    assert answer.status_code == 200
    assert answer.json() == {
        "received": True,
        "event_id": event["id"],
        "event_type": "charge.succeeded",
        "duplicate": False,
    }
    stored = WebhookEvent.objects.get()
    assert bytes(stored.body) == body
    assert (stored.connection, stored.account_id, stored.object_id) == (stripe, "acct_own", "ch_1")
    assert (stored.state, stored.tries) == ("received", 0)


def test_the_same_event_again_adds_no_row_and_wakes_nobody(stripe_door):
    event = stripe_event("charge.succeeded", CHARGE)

    waker.quiet_until = 0
    first = stripe_door.send(event)
    assert waker.is_quiet  # for a moment: it was woken
    waker.quiet_until = 0
    again = stripe_door.send(event)

    assert [first.json()["duplicate"], again.json()["duplicate"]] == [False, True]
    assert again.status_code == 200
    assert WebhookEvent.objects.count() == 1
    assert not waker.is_quiet


def test_squares_events_are_verified_over_the_configured_address(square_door, settings):
    event = load("square/payment.created.json")

    assert square_door.send(event).status_code == 200
    settings.PUBLIC_URL = "https://elsewhere.example"
    moved = square_door.sign(json.dumps(event).encode())
    settings.PUBLIC_URL = "https://pay.example"
    forget_kept_doors()
    check = square_door.send(event | {"event_id": "other"}, signature=moved)

    assert check.status_code == 400


def test_what_the_caller_says_of_the_host_does_not_count(square_door, settings):
    settings.ALLOWED_HOSTS = ["*"]
    body = json.dumps(load("square/payment.created.json")).encode()

    answer = square_door.client.post(
        square_door.path,
        data=body,
        content_type="application/json",
        headers={
            "Host": "inside.example",
            "X-Forwarded-Host": "other.example",
            "x-square-hmacsha256-signature": square_door.sign(body),
        },
    )

    assert answer.status_code == 200


@pytest.mark.parametrize("processor", ["stripe", "square"])
def test_an_event_that_nobody_signed_is_refused_and_counted(processor, request):
    door = request.getfixturevalue(f"{processor}_door")

    check_refused(door.send(b"{}", signature=""), door)
    assert "missing" in get_refusals(door)[1]
    check_refused(door.send(b"{}", signature="t=1,v1=é"), door, times=2)


@pytest.mark.parametrize("processor", ["stripe", "square"])
def test_an_event_signed_with_another_connections_secret_is_refused(processor, request):
    door = request.getfixturevalue(f"{processor}_door")
    connection = request.getfixturevalue(processor)
    other = factories.create_connection(
        factories.create_barber(),
        processor=processor,
        credentials={"secret_key": "sk_test_2", "access_token": "token"},
    )
    others = open_door(other, "the-secret-of-another")
    body = json.dumps(stripe_event("charge.succeeded", CHARGE)).encode()

    signed_by_other = Door(processor, others.secret, connection.pk).sign(body)

    check_refused(door.send(body, signature=signed_by_other), door)


@pytest.mark.parametrize("age_seconds", [301, 86_400, -301, -86_400])
@time_machine.travel(NOON, tick=False)
def test_a_stripe_event_that_was_not_signed_just_now_is_refused(stripe_door, age_seconds):
    event = stripe_event("charge.succeeded", CHARGE)

    check_refused(stripe_door.send(event, age_seconds=age_seconds), stripe_door)


@pytest.mark.parametrize("age_seconds", [300, -300])
@time_machine.travel(NOON, tick=False)
def test_clocks_may_differ_by_five_minutes(stripe_door, age_seconds):
    event = stripe_event("charge.succeeded", CHARGE)

    assert stripe_door.send(event, age_seconds=age_seconds).status_code == 200


def test_a_changed_body_is_refused(stripe_door):
    body = json.dumps(stripe_event("charge.succeeded", CHARGE)).encode()
    signature = stripe_door.sign(body)

    check_refused(stripe_door.send(body + b" ", signature=signature), stripe_door)


def test_one_of_several_signatures_is_enough(stripe_door):
    body = json.dumps(stripe_event("charge.succeeded", CHARGE)).encode()
    moment, _, right = stripe_door.sign(body).partition(",")

    signature = f"{moment},v1={'0' * 64},{right},v0=ignored"

    assert stripe_door.send(body, signature=signature).status_code == 200


def test_an_old_secret_signs_until_it_is_retired(stripe_door, stripe):
    new = Door("stripe", "whsec_the_new_one", stripe.pk)
    door = add_webhook_secret(connection=stripe, secret=new.secret, by="usr_1", now=timezone.now())
    forget_kept_doors()

    for each in [stripe_door, new]:
        assert each.send(stripe_event("charge.succeeded", CHARGE)).status_code == 200
    retire_old_secrets(door=door, by="usr_1")
    forget_kept_doors()

    assert new.send(stripe_event("charge.succeeded", CHARGE)).status_code == 200
    assert stripe_door.send(stripe_event("charge.succeeded", CHARGE)).status_code == 400


def test_a_new_secret_is_accepted_at_once_by_a_process_that_knows_the_old_one(stripe_door, stripe):
    assert stripe_door.send(stripe_event("charge.succeeded", CHARGE)).status_code == 200
    new = Door("stripe", "whsec_the_new_one", stripe.pk)
    add_webhook_secret(connection=stripe, secret=new.secret, by="usr_1", now=timezone.now())

    assert new.send(stripe_event("charge.succeeded", CHARGE)).status_code == 200


def test_secrets_are_stored_sealed_and_their_changes_are_on_record(stripe_door, stripe):
    door = WebhookDoor.objects.get(connection=stripe)

    assert stripe_door.secret.encode() not in bytes(door.sealed_secrets)
    assert door.get_secrets() == (stripe_door.secret,)
    entry = AuditEntry.objects.get(subject=door.subject)
    assert (entry.action, entry.after) == ("webhook_door.secret_added", {"secrets": 1})


@pytest.mark.parametrize("secret", ["", "short", "with a space in it", "x" * 201, "zeichen-ä-ö"])
def test_what_cannot_be_a_secret_is_refused(stripe, secret):
    with pytest.raises(SecretNotUsable):
        add_webhook_secret(connection=stripe, secret=secret, by="usr_1", now=LONG_AGO)


def test_old_secrets_do_not_pile_up(stripe):
    for number in range(5):
        add_webhook_secret(connection=stripe, secret=f"secret-{number}", by="usr_1", now=LONG_AGO)

    with pytest.raises(TooManySecrets):
        add_webhook_secret(connection=stripe, secret="secret-5", by="usr_1", now=LONG_AGO)


def test_an_applications_secrets_come_from_settings_and_from_its_door(db, settings):
    settings.WEBHOOK_APPLICATION_SECRETS = {"stripe": ["from-settings"], "square": []}
    event = stripe_event("charge.succeeded", CHARGE, account="acct_any")
    add_application_secret(processor="stripe", secret="from-door", by="usr_1", now=LONG_AGO)

    for secret in ["from-settings", "from-door"]:
        assert Door("stripe", secret).send(event).status_code == 200
    assert Door("stripe", "from-nowhere").send(event).status_code == 400
    assert WebhookEvent.objects.get().connection is None


def test_an_address_without_a_secret_takes_nothing(square):
    answer = Door("square", "any-secret", square.pk).send(load("square/payment.created.json"))

    assert answer.status_code == 400
    assert "no webhook secret" in answer.json()["error"]["message"]
    assert get_refusals(Door("square", "", square.pk))[0] == 1


@pytest.mark.parametrize("path", ["stripe/999999", "barter", "square/1000000000000000000000"])
def test_an_address_that_does_not_exist_is_not_found(db, path):
    answer = Door("stripe", "x").client.post(f"/api/v1/webhooks/{path}", b"{}", "application/json")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "NOT_FOUND"


def test_a_connections_address_names_its_processor(square, stripe_door):
    assert Door("stripe", "x", square.pk).look().status_code == 404


NOT_EVENTS = {
    "empty": b"",
    "broken": b'{"id": "evt_1", ',
    "a list": b"[]",
    "text": b'"evt_1"',
    "not UTF-8": b'{"id": "\xff\xfe"}',
    "too deep": b"[" * 100_000,
    "a number of a million digits": b'{"id": ' + b"1" * 900_000 + b"}",
    "no id": b'{"object": "event", "type": "charge.succeeded", "created": 1, "livemode": false}',
    "an id with NUL": json.dumps(stripe_event("a.b", {}, id="evt\0")).encode(),
    "a type nobody has": json.dumps(stripe_event("A B", {})).encode(),
    "an id too long": json.dumps(stripe_event("a.b", {}, id="e" * 300)).encode(),
    "no moment": json.dumps(stripe_event("a.b", {}, created=-1)).encode(),
    "thin": json.dumps(stripe_event("a.b", {}, object="v2.core.event")).encode(),
}


@pytest.mark.parametrize("body", NOT_EVENTS.values(), ids=NOT_EVENTS)
def test_what_is_signed_but_no_event_is_refused_by_name(stripe_door, body):
    answer = stripe_door.send(body)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] in {"VALIDATION_ERROR", "WEBHOOK_SIGNATURE_INVALID"}
    assert WebhookEvent.objects.count() == 0


def test_a_large_body_is_refused_before_it_is_read(stripe_door, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None  # it would be refused there, too
    body = b" " * 10_000_000
    stripe_door.look()
    tracemalloc.start()

    answer = stripe_door.client.generic("POST", stripe_door.path, body, "application/json")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert answer.status_code == 400
    assert "1048576 bytes" in answer.json()["error"]["message"]
    # The test's own client copies it once; the door does not.
    assert peak < 15_000_000
    assert WebhookEvent.objects.count() == 0


def test_other_methods_are_refused(stripe_door):
    answer = stripe_door.client.delete(stripe_door.path)

    assert (answer.status_code, answer["Allow"]) == (405, "GET, POST")


def test_whoever_looks_learns_whether_it_is_configured_and_no_secret(stripe_door, square):
    before = stripe_door.look()
    stripe_door.send(stripe_event("charge.succeeded", CHARGE))
    after = stripe_door.look()

    assert before.json() == {"processor": "stripe", "configured": True, "last_event_at": None}
    assert after.json()["last_event_at"].endswith("Z")
    assert stripe_door.secret not in after.content.decode()
    assert Door("square", "", square.pk).look().json()["configured"] is False


def test_an_address_takes_so_many_events_in_an_hour(stripe_door, square_door, settings):
    settings.THROTTLE_LIMITS = {**settings.THROTTLE_LIMITS, "webhooks": 2}
    answers = [stripe_door.send(stripe_event("charge.succeeded", CHARGE)) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2]["Retry-After"]) > 0
    assert answers[0]["X-RateLimit-Limit"] == "2"
    assert square_door.send(load("square/payment.created.json")).status_code == 200


def test_a_database_that_is_away_makes_the_sender_come_again(stripe_door):
    def cut_inserts(execute, sql, params, many, context):
        if sql.lstrip().startswith("INSERT INTO processors_webhookevent"):
            raise OperationalError("server closed the connection unexpectedly")
        return execute(sql, params, many, context)

    with database.execute_wrapper(cut_inserts):
        answer = stripe_door.send(stripe_event("charge.succeeded", CHARGE))

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")


def test_an_event_is_kept_though_redis_is_away(stripe_door, settings):
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/redis.socket"}
    }
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere/redis.socket"

    assert stripe_door.send(stripe_event("charge.succeeded", CHARGE)).status_code == 200
    assert WebhookEvent.objects.count() == 1


def test_the_address_of_an_application_is_its_own_door(stripe_door, settings):
    settings.WEBHOOK_APPLICATION_SECRETS = {"stripe": [stripe_door.secret], "square": []}
    event = stripe_event("charge.succeeded", CHARGE, account="acct_own")
    add_application_secret(
        processor="stripe",
        secret=stripe_door.secret,
        by="usr_1",
        now=timezone.now() - timedelta(days=1),
    )

    answers = [stripe_door.send(event), Door("stripe", stripe_door.secret).send(event)]

    assert [answer.json()["duplicate"] for answer in answers] == [False, False]
