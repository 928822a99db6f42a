"""Events about accounts: what they can do, and that somebody took our access away."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from bookedbarber.foundation.models import StateChange
from processors.models import WebhookEvent
from processors.operations.webhook_doors import add_application_secret
from processors.operations.webhook_handling import handle_webhook_events
from tests import factories
from tests.factories import LONG_AGO
from tests.processors.webhooks.doors import Door, load, open_door, stripe_event

pytestmark = pytest.mark.django_db(transaction=True)


def handle(after: timedelta = timedelta(0)) -> str:
    handle_webhook_events(now=timezone.now() + after)
    event = WebhookEvent.objects.latest("pk")
    return event.explanation or event.state


@pytest.fixture
def barber(transactional_db):
    return factories.create_barber()


@pytest.fixture
def application(db) -> Door:
    add_application_secret(processor="stripe", secret="whsec_application", by="usr_1", now=LONG_AGO)
    return Door("stripe", "whsec_application")


def tell_of_account(connection, **fields):
    described = {"id": connection.account_id, "object": "account", "default_currency": "usd"}
    return stripe_event("account.updated", described | {"charges_enabled": True} | fields)


def test_an_account_that_can_do_less_is_asked_and_loses_its_ability(connect, barber, simulator):
    connection = connect(barber, "stripe", account_id="acct_less")
    version = barber.routing_version
    simulator.create_account(
        "stripe", account_id="acct_less", secret=_get_secret(connection), charges_enabled=False
    )

    open_door(connection).send(tell_of_account(connection, charges_enabled=False))

    assert handle() == "handled"
    connection.refresh_from_db()
    barber.refresh_from_db()
    assert connection.abilities == ["refunds"]
    assert barber.routing_version > version


def test_the_accounts_own_word_decides_not_the_event(connect, barber):
    connection = connect(barber, "stripe")

    open_door(connection).send(tell_of_account(connection, charges_enabled=False))

    assert handle() == "handled"
    connection.refresh_from_db()
    assert "payments" in connection.abilities


def test_an_account_of_which_everything_is_known_is_not_asked(connect, barber, simulator):
    connection = connect(barber, "stripe")
    before = len(simulator.requests(connection.account_id))

    open_door(connection).send(tell_of_account(connection))

    assert handle() == "nothing_new"
    assert len(simulator.requests(connection.account_id)) == before


def test_an_account_that_does_not_answer_is_asked_again(connect, barber, settings):
    settings.PROCESSOR_RETRY_SECONDS = 0.01
    connection = connect(barber, "stripe")
    settings.STRIPE_API_BASE = "http://127.0.0.1:9/nobody"

    open_door(connection).send(tell_of_account(connection, charges_enabled=False))

    assert handle() == "retrying"


def test_an_owner_who_disconnects_us_at_square_is_disconnected(connect, barber):
    connection = connect(barber, "square")
    event = load("square/oauth.authorization.revoked.json") | {
        "merchant_id": connection.account_id,
        "created_at": (timezone.now() - timedelta(seconds=1)).isoformat(),
    }

    open_door(connection).send(event)

    assert handle() == "handled"
    connection.refresh_from_db()
    assert connection.state == "disconnected"
    change = StateChange.objects.get(subject=connection.public_id, after="disconnected")
    assert change.reason == "Access was revoked at Square by merchant"


def test_an_owner_who_disconnects_us_at_stripe_is_disconnected(connect, barber, application):
    connection = connect(barber, "stripe")
    event = load("stripe/account_application_deauthorized.json")

    application.send(event | {"account": connection.account_id, "created": int(time.time())})

    assert handle() == "handled"
    connection.refresh_from_db()
    assert connection.state == "disconnected"


def test_a_revocation_that_comes_late_does_not_close_what_was_connected_again(
    connect, barber, application
):
    connection = connect(barber, "stripe")
    before = int((connection.connected_at - timedelta(days=1)).timestamp())
    event = load("stripe/account_application_deauthorized.json")

    application.send(event | {"account": connection.account_id, "created": before})

    assert handle() == "connected_again_since"
    connection.refresh_from_db()
    assert connection.state == "connected"


def test_a_revocation_that_comes_twice_is_done_once(connect, barber, application):
    connection = connect(barber, "stripe")
    event = load("stripe/account_application_deauthorized.json")
    event |= {"account": connection.account_id, "created": int(time.time())}

    application.send(event)
    application.send(event | {"id": "evt_other"})

    assert handle() == "not_connected"
    assert StateChange.objects.filter(subject=connection.public_id).count() == 1


def _get_secret(connection) -> str:
    return connection.get_access().credentials["secret_key"]
