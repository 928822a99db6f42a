"""Recreating a webhook: the new one works before the old one goes."""

from typing import Any

import httpx
import pytest
from django.utils import timezone

from bookedbarber.foundation.models import AuditEntry
from payments.operations.connections import disconnect_account
from processors.errors import AnswerLost, CredentialsRefused
from processors.models import Connection, WebhookDoor
from processors.operations.webhook_doors import SecretNotUsable, add_webhook_secret
from processors.operations.webhook_registrations import NotConnected, recreate_webhook
from tests import factories
from tests.payments.books import BY
from tests.payments.operations.test_authorizations import connect as authorize

pytestmark = pytest.mark.django_db(transaction=True)

each_processor = pytest.mark.parametrize("processor", ["square", "stripe"])
PATHS = {"square": "v2/webhooks/subscriptions", "stripe": "v1/webhook_endpoints"}


@pytest.fixture
def connection(connect, processor) -> Connection:
    return connect(factories.create_barber(), processor)


def recreate(connection):
    return recreate_webhook(connection=connection, by=BY, now=timezone.now())


def list_registered(processor: str, secret: str, settings) -> list[dict[str, Any]]:
    """What the processor has, with its secrets where it shows them."""
    base = settings.SQUARE_API_BASE if processor == "square" else settings.STRIPE_API_BASE
    headers = {"Authorization": f"Bearer {secret}"}
    answer = httpx.get(f"{base}/{PATHS[processor]}", headers=headers, trust_env=False).json()
    found: list[dict[str, Any]] = answer.get("data") or answer.get("subscriptions") or []
    return found


def get_url(registered: dict[str, Any]) -> str:
    return str(registered.get("url") or registered["notification_url"])


def get_secret(connection) -> str:
    return next(iter(connection.get_access().credentials.values()))


@each_processor
def test_the_accounts_own_address_is_registered_and_its_secret_accepted(
    connection, processor, settings
):
    recreated = recreate(connection)

    (registered,) = list_registered(processor, get_secret(connection), settings)
    address = f"{settings.PUBLIC_URL}/api/v1/webhooks/{processor}/{connection.pk}"
    assert (recreated.address, get_url(registered)) == (address, address)
    assert (recreated.is_application, recreated.removed, recreated.left) == (False, 0, 0)
    assert recreated.explanation == f"This is the account's own webhook: {address}"
    (secret,) = WebhookDoor.objects.get(connection=connection).get_secrets()
    assert secret == registered.get("signature_key", secret)
    entry = AuditEntry.objects.get(action="webhook_door.registered")
    assert entry.after == {"address": address, "external_id": registered["id"]}
    assert secret not in str(entry.after)


@each_processor
def test_again_replaces_the_old_one_whose_secret_goes_on_for_a_while(
    connection, processor, settings
):
    door = []
    for removed in (0, 1, 1, 1):
        recreated = recreate(connection)
        assert (recreated.removed, recreated.left) == (removed, 0)
        door.append(WebhookDoor.objects.get(connection=connection).get_secrets())

    assert len(list_registered(processor, get_secret(connection), settings)) == 1
    assert [len(secrets) for secrets in door] == [1, 2, 2, 2]
    assert door[3][1] == door[2][0]


@each_processor
@pytest.mark.parametrize("kind", ["error_before", "reset_before"])
def test_what_fails_leaves_the_old_one_working(connection, processor, settings, simulator, kind):
    recreate(connection)
    before = list_registered(processor, get_secret(connection), settings)
    secrets = WebhookDoor.objects.get().get_secrets()
    settings.PROCESSOR_RETRIES = 0
    simulator.add_fault(
        kind, account_id=connection.account_id, method="POST", path=f"/{PATHS[processor]}"
    )

    with pytest.raises(AnswerLost):
        recreate(connection)

    simulator.clear_faults()
    assert list_registered(processor, get_secret(connection), settings) == before
    assert WebhookDoor.objects.get().get_secrets() == secrets


@each_processor
def test_a_secret_that_cannot_be_kept_takes_its_address_with_it(
    connection, processor, settings, monkeypatch
):
    recreate(connection)
    before = list_registered(processor, get_secret(connection), settings)

    def refuse(**_arguments):
        raise SecretNotUsable

    monkeypatch.setattr("processors.operations.webhook_registrations.add_webhook_secret", refuse)

    with pytest.raises(SecretNotUsable):
        recreate(connection)

    assert list_registered(processor, get_secret(connection), settings) == before


@each_processor
def test_an_old_one_that_cannot_be_removed_is_said_and_goes_next_time(
    connection, processor, settings, simulator
):
    recreate(connection)
    settings.PROCESSOR_RETRIES = 0
    simulator.add_fault("error_before", account_id=connection.account_id, method="DELETE")

    recreated = recreate(connection)

    assert (recreated.removed, recreated.left) == (0, 1)
    assert recreated.explanation.endswith("; 1 older could not be removed")
    simulator.clear_faults()
    assert recreate(connection).removed == 2


@each_processor
def test_other_addresses_of_the_account_are_left_alone(connection, processor, settings):
    base = settings.SQUARE_API_BASE if processor == "square" else settings.STRIPE_API_BASE
    other = "https://other.example.com/hooks"
    body: dict[str, Any] = (
        {"json": {"subscription": {"notification_url": other, "event_types": ["payment.updated"]}}}
        if processor == "square"
        else {"data": {"url": other, "enabled_events[0]": "*"}}
    )
    headers = {"Authorization": f"Bearer {get_secret(connection)}"}
    httpx.post(f"{base}/{PATHS[processor]}", headers=headers, trust_env=False, **body)
    recreate(connection)

    recreate(connection)

    registered = list_registered(processor, get_secret(connection), settings)
    assert other in map(get_url, registered)
    assert len(registered) == 2


@each_processor
def test_an_oauth_connection_has_its_applications_webhook_and_says_so(
    applications, simulator, processor, settings
):
    connection = authorize(
        applications, factories.create_barber(), simulator.create_account(processor)
    )
    ours = {"square": settings.SQUARE_APPLICATION_TOKEN, "stripe": settings.STRIPE_SECRET_KEY}

    recreated = recreate(connection)

    address = f"{settings.PUBLIC_URL}/api/v1/webhooks/{processor}"
    registered = list_registered(processor, ours[processor], settings)
    assert [get_url(each) for each in registered] == [address]
    assert (recreated.address, recreated.is_application) == (address, True)
    assert "serves all accounts connected by OAuth" in recreated.explanation
    assert WebhookDoor.objects.get().connection is None


def test_an_application_without_a_token_of_its_own_cannot(applications, simulator, settings):
    settings.SQUARE_APPLICATION_TOKEN = ""
    connection = authorize(
        applications, factories.create_barber(), simulator.create_account("square")
    )

    with pytest.raises(CredentialsRefused):
        recreate(connection)


@pytest.mark.parametrize("processor", ["square"])
def test_what_is_disconnected_has_no_webhook(connection):
    gone = disconnect_account(connection=connection, by=BY)

    with pytest.raises(NotConnected):
        recreate(gone)


@pytest.mark.parametrize("processor", ["square"])
def test_a_secret_added_by_hand_goes_on_beside_the_new_one(connection):
    add_webhook_secret(connection=connection, secret="pasted-by-hand-1", by=BY, now=timezone.now())

    recreate(connection)

    assert WebhookDoor.objects.get().get_secrets()[1] == "pasted-by-hand-1"
