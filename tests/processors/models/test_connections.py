"""What one connection row guarantees by itself."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from bookedbarber.accounts.roles import Role
from bookedbarber.foundation import encryption
from processors.models import Connection
from processors.states import CONNECTION_TRANSITIONS, ConnectionRole, ConnectionState
from tests import factories

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
OTHER_KEY = "b3RoZXItZGV2ZWxvcG1lbnQta2V5LTMyLWJ5dGVzISE="


@pytest.fixture
def barber(db):
    return factories.create_barber()


def list_visible(user) -> set[Connection]:
    return set(Connection.objects.visible_to(user))


def test_everybody_sees_their_own():
    ann, bob = (factories.create_barber(shop=factories.create_shop()) for _ in range(2))
    platform = factories.create_platform_connection()
    anns, bobs = (factories.create_connection(barber) for barber in (ann, bob))

    assert list_visible(ann.user) == {anns}
    assert list_visible(bob.shop.owner) == {bobs}
    assert list_visible(factories.create_user(Role.SHOP_OWNER)) == set()
    assert list_visible(factories.create_user(Role.CLIENT)) == set()
    assert list_visible(factories.create_user(Role.ADMIN)) == {platform, anns, bobs}
    assert list_visible(factories.create_user(Role.ADMIN, is_staff=False)) == set()


def test_an_enterprise_sees_its_shops():
    enterprise = factories.create_enterprise()
    barber = factories.create_barber(shop=factories.create_shop(enterprise=enterprise))
    connection = factories.create_connection(barber)
    factories.create_connection(factories.create_barber(shop=factories.create_shop()))

    assert list_visible(enterprise.owner) == {connection}


def test_the_platforms_and_the_barbers_are_told_apart(barber):
    platform, own = factories.create_platform_connection(), factories.create_connection(barber)

    assert list(Connection.objects.of_platform()) == [platform]
    assert list(Connection.objects.of_barbers()) == [own]
    assert (platform.is_platform, own.is_platform) == (True, False)


def test_environments_are_told_apart(barber):
    factories.create_connection(barber)
    real = factories.create_connection(barber, environment="production")

    assert list(Connection.objects.in_environment("production")) == [real]


@pytest.mark.parametrize(
    ("changes", "is_usable"),
    [
        ({}, True),
        ({"state": ConnectionState.ERROR}, False),
        ({"state": ConnectionState.EXPIRED}, False),
        ({"state": ConnectionState.DISCONNECTED}, False),
        ({"disabled_at": NOON}, False),
        ({"abilities": ["refunds"]}, False),
    ],
)
def test_what_is_usable(barber, changes, is_usable):
    assert factories.create_connection(barber, **changes).is_usable is is_usable


# ── Secrets ──


def test_credentials_are_sealed_and_come_back(barber):
    connection = factories.create_connection(barber, credentials={"access_token": "EAAA-secret"})
    connection.refresh_from_db()

    assert connection.get_access().credentials == {"access_token": "EAAA-secret"}
    assert b"EAAA-secret" not in bytes(connection.sealed_credentials)
    for shown in (repr(connection), str(connection), repr(connection.get_access())):
        assert "EAAA-secret" not in shown


def test_credentials_copied_into_another_row_do_not_open(barber):
    mine, theirs = (factories.create_connection(barber) for _ in range(2))

    mine.sealed_credentials = theirs.sealed_credentials

    with pytest.raises(encryption.CannotDecrypt):
        mine.get_access()


def test_sealing_twice_never_looks_the_same(barber):
    connection = factories.create_connection(barber)
    before = bytes(connection.sealed_credentials)

    connection.seal_credentials(connection.get_access().credentials)

    assert bytes(connection.sealed_credentials) != before


def test_credentials_move_to_a_new_key_once(barber, settings):
    connection = factories.create_connection(barber)
    credentials = connection.get_access().credentials
    settings.ENCRYPTION_KEY = f"{OTHER_KEY},{settings.ENCRYPTION_KEY}"

    assert [connection.reseal_credentials() for _ in range(2)] == [True, False]

    settings.ENCRYPTION_KEY = OTHER_KEY
    assert connection.get_access().credentials == credentials


def test_a_key_that_is_gone_is_said(barber, settings):
    connection = factories.create_connection(barber)
    settings.ENCRYPTION_KEY = OTHER_KEY

    with pytest.raises(encryption.CannotDecrypt, match="is not in ENCRYPTION_KEY"):
        connection.get_access()


# ── What the database refuses ──


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"state": "fine"}, "connection_state_is_known"),
        ({"environment": "staging"}, "connection_environment_is_known"),
        ({"fee_percent": -1}, "connection_fee_makes_sense"),
        ({"fee_percent": 101}, "connection_fee_makes_sense"),
        ({"fee_fixed_minor": -1}, "connection_fee_makes_sense"),
        ({"role": ConnectionRole.PLATFORM}, "connection_owner_fits_role"),
        ({"owner_id": 0}, "connection_owner_fits_role"),
        ({"account_id": "TAKEN"}, "connection_account_once"),
    ],
)
def test_nonsense(barber, fields, constraint):
    factories.create_connection(barber, account_id="TAKEN")

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        factories.create_connection(barber, **fields)


def test_there_is_one_live_platform_account_for_each_processor_and_environment():
    first = factories.create_platform_connection()
    factories.create_platform_connection(account_id="acct_real", environment="production")

    with pytest.raises(IntegrityError, match="connection_platform_once"), transaction.atomic():
        factories.create_platform_connection(account_id="acct_second")

    Connection.objects.filter(pk=first.pk).update(state=ConnectionState.DISCONNECTED)
    assert factories.create_platform_connection(account_id="acct_second").is_platform


def test_the_table_of_moves_knows_every_state():
    assert set(CONNECTION_TRANSITIONS) == set(ConnectionState)
    assert CONNECTION_TRANSITIONS[ConnectionState.REMOVED] == frozenset()
    assert ConnectionState.CONNECTED in CONNECTION_TRANSITIONS[ConnectionState.DISCONNECTED]
