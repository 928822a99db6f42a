"""Connecting accounts: the processor is asked first, and a barber's routing follows at once."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import connection as database
from django.utils import timezone

from bookedbarber.foundation.models import AuditEntry, StateChange
from payments.operations.connections import (
    NotConnected,
    NotThePlatforms,
    change_connection,
    check_connection,
    connect_account,
    connect_platform,
    disconnect_account,
)
from processors.errors import CredentialsRefused, ProcessorNotReached
from processors.models import PLATFORM_OWNER_ID, Connection
from processors.operations.accounts import (
    AccountAlreadyConnected,
    CredentialsIncomplete,
    OtherAccount,
    UnknownProcessor,
)
from processors.states import ConnectionState
from tests import factories
from tests.payments.books import BY, NOON

pytestmark = pytest.mark.django_db(transaction=True)

NOBODY_LISTENS = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _fees(transactional_db):
    factories.create_fee_schedules()


@pytest.fixture
def barber(transactional_db):
    return factories.create_barber()


@pytest.fixture
def account(simulator):
    return simulator.create_account("square", name="Chair 5", currencies=["CAD"])


def connect_it(barber, account, now=NOON, **fields):
    credentials = fields.pop("credentials", account.credentials)
    return connect_account(
        barber=barber,
        processor=account.processor,
        credentials=credentials,
        by=BY,
        now=now,
        **fields,
    )


def get_version(barber) -> int:
    barber.refresh_from_db()
    return barber.routing_version


def test_an_account_is_connected_as_it_describes_itself(barber, account):
    version = get_version(barber)

    connection = connect_it(barber, account)

    connection.refresh_from_db()
    assert (connection.owner, connection.state) == (barber, ConnectionState.CONNECTED)
    assert (connection.account_id, connection.name) == (account.account_id, "Chair 5")
    assert (connection.currencies, "payments" in connection.abilities) == (["CAD"], True)
    assert (connection.fee_percent, connection.fee_fixed_minor) == (Decimal("2.6"), 10)
    assert (connection.connected_at, connection.last_checked_at) == (NOON, NOON)
    assert connection.get_access().credentials == account.credentials
    assert get_version(barber) == version + 1
    entry = AuditEntry.objects.get(subject=connection.public_id)
    assert (entry.action, entry.by) == ("connection.connected", BY)


def test_the_barber_may_name_it(barber, account):
    assert connect_it(barber, account, name="Front desk").name == "Front desk"


@pytest.mark.parametrize(
    ("processor", "credentials", "error", "said"),
    [
        ("paypal", {"key": "x"}, UnknownProcessor, "not supported"),
        ("square", {}, CredentialsIncomplete, r"missing \['access_token'\]"),
        ("square", {"access_token": ""}, CredentialsIncomplete, r"missing \['access_token'\]"),
        (
            "stripe",
            {"access_token": "x"},
            CredentialsIncomplete,
            r"missing \['secret_key'\], unknown \['access_token'\]",
        ),
        ("square", {"access_token": "sim_wrong_key"}, CredentialsRefused, "."),
        ("stripe", {"secret_key": "sk_test_wrong_key"}, CredentialsRefused, "."),
    ],
)
def test_what_cannot_be_proven_is_not_stored(
    simulator, barber, processor, credentials, error, said
):
    with pytest.raises(error, match=said) as raised:
        connect_account(
            barber=barber, processor=processor, credentials=credentials, by=BY, now=NOON
        )

    assert "wrong_key" not in str(raised.value)
    assert not Connection.objects.exists()
    assert not AuditEntry.objects.exists()
    assert get_version(barber) == 1


def test_a_processor_that_is_not_reached_proves_nothing(barber, account, settings):
    settings.SQUARE_API_BASE = NOBODY_LISTENS

    with pytest.raises(ProcessorNotReached):
        connect_it(barber, account)

    assert not Connection.objects.exists()


def test_credentials_of_another_account_than_the_one_named_are_refused(barber, account):
    with pytest.raises(OtherAccount) as raised:
        connect_it(barber, account, account_id="MLother")

    assert raised.value.details == {"expected": "MLother", "found": account.account_id}
    assert not Connection.objects.exists()


def test_the_same_account_is_connected_once(barber, account):
    connect_it(barber, account)

    with pytest.raises(AccountAlreadyConnected):
        connect_it(barber, account)

    assert Connection.objects.count() == 1


@pytest.mark.parametrize("is_disconnected", [False, True])
def test_somebody_elses_account_stays_his(barber, account, is_disconnected):
    theirs = connect_it(factories.create_barber(), account)
    if is_disconnected:
        disconnect_account(connection=theirs, by=BY)

    with pytest.raises(AccountAlreadyConnected):
        connect_it(barber, account)

    assert not Connection.objects.filter(owner=barber).exists()


def test_several_accounts_may_be_connected(barber, account, simulator):
    connect_it(barber, account)
    connect_it(barber, simulator.create_account("square"))
    connect_it(barber, simulator.create_account("stripe"))

    assert Connection.objects.filter(owner=barber).count() == 3


# ── Disconnecting and coming back ──


def test_disconnecting_keeps_the_row_and_says_who(barber, account):
    connection = connect_it(barber, account)
    version = get_version(barber)

    disconnect_account(connection=connection, by="usr_ann", reason="moving")

    connection.refresh_from_db()
    assert connection.state == ConnectionState.DISCONNECTED
    assert connection.get_access().credentials == account.credentials
    assert get_version(barber) == version + 1
    change = StateChange.objects.get(subject=connection.public_id)
    assert (change.before, change.after) == ("connected", "disconnected")
    assert (change.by, change.reason) == ("usr_ann", "moving")


def test_disconnecting_twice_is_refused(barber, account):
    connection = connect_it(barber, account)
    disconnect_account(connection=connection, by=BY)

    with pytest.raises(NotConnected):
        disconnect_account(connection=connection, by=BY)


def test_the_same_account_comes_back_as_the_same_row(barber, account):
    first = connect_it(barber, account)
    disconnect_account(connection=first, by=BY)

    again = connect_it(barber, account, NOON + timedelta(days=1), name="Front desk")

    again.refresh_from_db()
    assert (again.pk, again.state) == (first.pk, ConnectionState.CONNECTED)
    assert (again.name, again.connected_at) == ("Front desk", NOON + timedelta(days=1))
    # Sales between the two that we hear of later still bear their commission.
    assert again.first_connected_at == NOON


def test_coming_back_does_not_undo_what_an_operator_switched_off(barber, account):
    connection = connect_it(barber, account)
    Connection.objects.update(disabled_at=NOON)
    disconnect_account(connection=connection, by=BY)

    assert connect_it(barber, account).disabled_at == NOON


# ── Changing and checking ──


def test_a_connection_is_renamed_without_asking_anybody(barber, account, settings):
    connection = connect_it(barber, account)
    settings.SQUARE_API_BASE = NOBODY_LISTENS
    version = get_version(barber)

    renamed = change_connection(connection=connection, name="Front desk", by=BY, now=NOON)

    assert (renamed.name, get_version(barber)) == ("Front desk", version + 1)
    entry = AuditEntry.objects.get(action="connection.renamed")
    assert (entry.before, entry.after) == ({"name": "Chair 5"}, {"name": "Front desk"})


def test_fresh_credentials_of_the_same_account_replace_the_old_ones(barber, account, simulator):
    connection = connect_it(barber, account)
    fresh = simulator.renew_secret("square", account.account_id)
    Connection.objects.update(state=ConnectionState.EXPIRED, last_error="401", error_count=3)

    changed = change_connection(
        connection=connection, credentials=fresh.credentials, by=BY, now=NOON
    )

    assert changed.get_access().credentials == fresh.credentials
    assert (changed.state, changed.last_error, changed.error_count) == ("connected", "", 0)


@pytest.mark.parametrize("kind", ["wrong", "another"])
def test_credentials_that_do_not_open_the_account_change_nothing(barber, account, simulator, kind):
    connection = connect_it(barber, account)
    other = simulator.create_account("square")
    credentials = other.credentials if kind == "another" else {"access_token": "sim_wrong"}

    with pytest.raises(OtherAccount if kind == "another" else CredentialsRefused):
        change_connection(connection=connection, credentials=credentials, by=BY, now=NOON)

    connection.refresh_from_db()
    assert connection.get_access().credentials == account.credentials
    assert connection.state == ConnectionState.CONNECTED


def test_a_check_brings_the_connection_up_to_date(barber, account, simulator):
    connection = connect_it(barber, account)
    later = NOON + timedelta(hours=1)
    simulator.create_account(
        "square", account_id=account.account_id, secret=account.secret, currencies=["USD"]
    )

    description = check_connection(connection=connection, by=BY, now=later)

    connection.refresh_from_db()
    assert list(description.currencies) == connection.currencies == ["USD"]
    assert connection.last_checked_at == later
    assert connection.connected_at == NOON


def test_revoked_credentials_expire_the_connection_at_once(barber, account, simulator):
    connection = connect_it(barber, account)
    simulator.renew_secret("square", account.account_id)
    version = get_version(barber)

    for failures in (1, 2):
        with pytest.raises(CredentialsRefused):
            check_connection(connection=connection, by=BY, now=NOON)
        connection.refresh_from_db()
        assert (connection.state, connection.error_count) == (ConnectionState.EXPIRED, failures)

    assert connection.last_error
    assert get_version(barber) == version + 1


def test_a_processor_that_is_away_is_counted_and_changes_no_state(barber, account, settings):
    connection = connect_it(barber, account)
    settings.SQUARE_API_BASE = NOBODY_LISTENS

    with pytest.raises(ProcessorNotReached):
        check_connection(connection=connection, by=BY, now=NOON + timedelta(hours=1))

    connection.refresh_from_db()
    assert (connection.state, connection.error_count) == (ConnectionState.CONNECTED, 1)
    assert connection.last_error == "The processor was not reached, so nothing happened there"
    assert connection.last_checked_at == NOON + timedelta(hours=1)


def test_what_is_disconnected_is_not_asked(barber, account, simulator):
    connection = connect_it(barber, account)
    disconnect_account(connection=connection, by=BY)
    connection.refresh_from_db()
    before = len(simulator.requests(account.account_id))

    with pytest.raises(NotConnected):
        check_connection(connection=connection, by=BY, now=NOON)

    assert len(simulator.requests(account.account_id)) == before


# ── The platform ──


def test_the_platform_is_connected_and_renewed_as_one_row(platform, barber):
    version = get_version(barber)

    again = connect_platform(by=BY, now=timezone.now())

    assert again.pk == platform.pk
    assert (platform.owner_id, platform.role) == (PLATFORM_OWNER_ID, "platform")
    assert Connection.objects.count() == 1
    assert get_version(barber) == version + 1, "every barber's routing knows the platform"


def test_the_platforms_key_must_open_the_platforms_account(platform, simulator, settings):
    other = simulator.create_account("stripe")
    settings.STRIPE_SECRET_KEY = other.secret

    with pytest.raises(NotThePlatforms):
        connect_platform(by=BY, now=NOON)

    platform.refresh_from_db()
    assert platform.get_access().credentials["secret_key"] != other.secret


# ── Secrets ──


def test_no_secret_is_in_the_database_in_clear(barber, account, simulator):
    stripe = simulator.create_account("stripe")
    connect_it(barber, account)
    connect_it(barber, stripe)

    dumped = dump_database()

    assert account.account_id.encode() in dumped
    for secret in (account.secret, stripe.secret):
        assert secret.encode() not in dumped
        assert secret.encode().hex().encode() not in dumped


def test_no_secret_is_in_a_log_or_a_representation(barber, account, simulator, caplog):
    caplog.set_level("DEBUG")
    connection = connect_it(barber, account)
    change_connection(connection=connection, credentials=account.credentials, by=BY, now=NOON)
    simulator.renew_secret("square", account.account_id)
    with pytest.raises(CredentialsRefused) as raised:
        check_connection(connection=connection, by=BY, now=NOON)

    connection.refresh_from_db()
    shown = [caplog.text, repr(connection), str(connection), repr(connection.get_access())]
    shown += [repr(raised.value), str(raised.value), connection.last_error]
    assert not [text for text in shown if account.secret in text]


def dump_database() -> bytes:
    """Every row of every table, as `pg_dump` writes them."""
    dump = BytesIO()
    with database.cursor() as cursor:
        for table in database.introspection.table_names(cursor):
            cursor.copy_expert(f"COPY {table} TO STDOUT", dump)
    return dump.getvalue()
