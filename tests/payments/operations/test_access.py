"""OAuth access: renewed in time and once, given back at disconnection, taken away by others."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookedbarber.foundation.models import AuditEntry, StateChange
from payments.operations.access import (
    NotAuthorized,
    mark_revoked,
    refresh_access,
    refresh_due_access,
    revoke_due_access,
)
from payments.operations.connections import (
    NotConnected,
    check_connection,
    confirm_refusal,
    disconnect_account,
)
from processors.errors import (
    ApplicationRefused,
    CredentialsRefused,
    ProcessorNotReached,
    RequestRefused,
)
from processors.models import Connection
from processors.states import ConnectionState
from tests import factories
from tests.payments.books import BY
from tests.payments.operations.test_authorizations import connect

pytestmark = pytest.mark.django_db(transaction=True)

each_processor = pytest.mark.parametrize("processor", ["square", "stripe"])
NOBODY_LISTENS = "http://127.0.0.1:9"


@pytest.fixture
def barber(transactional_db):
    return factories.create_barber()


@pytest.fixture
def processor() -> str:
    return "square"


@pytest.fixture
def account(simulator, processor):
    return simulator.create_account(processor)


@pytest.fixture
def connection(applications, barber, account) -> Connection:
    return connect(applications, barber, account)


def get_token(connection) -> str:
    credentials = connection.get_access().credentials
    return credentials.get("access_token") or credentials["secret_key"]


def count_exchanges(simulator, processor: str, after: int) -> int:
    path = "/oauth2/token" if processor == "square" else "/oauth/token"
    requests = simulator.requests(after=after)
    return sum(request["path"].endswith(path) for request in requests)


def get_last_sequence(simulator) -> int:
    return max((request["sequence"] for request in simulator.requests()), default=0)


# ── Renewing ──


@each_processor
def test_access_is_renewed_for_the_same_account(connection, processor):
    old = get_token(connection)
    now = timezone.now()

    renewed = refresh_access(connection=connection, by=BY, now=now)

    assert get_token(renewed) != old
    assert check_connection(connection=renewed, by=BY, now=now)
    if processor == "square":
        life = renewed.token_expires_at - now
        assert (renewed.refresh_at - now) == life / 2
    acts = AuditEntry.objects.filter(action="connection.access_renewed")
    assert acts.get().subject == connection.public_id


def test_who_holds_used_up_access_gets_what_is_stored_by_now(connection, simulator, processor):
    stale = Connection.objects.get(pk=connection.pk)
    renewed = refresh_access(connection=connection, by=BY, now=timezone.now())
    before = get_last_sequence(simulator)

    again = refresh_access(connection=stale, by=BY, now=timezone.now())

    assert get_token(again) == get_token(renewed)
    assert count_exchanges(simulator, processor, before) == 0


def test_pasted_credentials_are_their_owners_to_renew(connect):
    pasted = connect(factories.create_barber())

    with pytest.raises(NotAuthorized):
        refresh_access(connection=pasted, by=BY, now=timezone.now())


def test_what_is_disconnected_is_not_renewed(connection):
    disconnect_account(connection=connection, by=BY)
    connection.refresh_from_db()

    with pytest.raises(NotAuthorized):
        refresh_access(connection=connection, by=BY, now=timezone.now())


@each_processor
def test_access_that_was_taken_away_expires_the_connection_with_the_reason(
    applications, connection, account, barber, processor
):
    applications.revoke(account)
    barber.refresh_from_db()
    version = barber.routing_version

    with pytest.raises((RequestRefused, CredentialsRefused)):
        refresh_access(connection=connection, by=BY, now=timezone.now())

    connection.refresh_from_db()
    barber.refresh_from_db()
    assert (connection.state, connection.refresh_at) == (ConnectionState.EXPIRED, None)
    assert connection.last_error.startswith("The access could not be renewed: ")
    assert barber.routing_version == version + 1
    change = StateChange.objects.filter(subject=connection.public_id).latest("pk")
    assert change.reason == connection.last_error


@each_processor
def test_a_wrong_secret_of_ours_expires_nobody(connection, processor, settings):
    settings.SQUARE_APPLICATION_SECRET = settings.STRIPE_SECRET_KEY = "sk_test_wrong"

    with pytest.raises((ApplicationRefused, CredentialsRefused)):
        refresh_access(connection=connection, by=BY, now=timezone.now())

    connection.refresh_from_db()
    assert (connection.state, connection.error_count) == (ConnectionState.CONNECTED, 1)
    assert connection.last_error


def test_a_processor_that_is_away_is_counted(connection, settings):
    settings.SQUARE_API_BASE = NOBODY_LISTENS

    with pytest.raises(ProcessorNotReached):
        refresh_access(connection=connection, by=BY, now=timezone.now())

    connection.refresh_from_db()
    assert (connection.state, connection.error_count) == (ConnectionState.CONNECTED, 1)


# ── The job ──


def test_access_is_renewed_at_half_its_life_and_not_before(connection):
    old = get_token(connection)
    half = connection.refresh_at

    assert refresh_due_access(now=half - timedelta(seconds=1)) == {"done": 0, "failed": 0}
    assert refresh_due_access(now=half) == {"done": 1, "failed": 0}

    connection.refresh_from_db()
    assert get_token(connection) != old
    assert connection.refresh_at > half


def test_one_failure_does_not_stop_the_others_and_is_tried_again(
    applications, connection, account, barber, simulator, settings
):
    other = connect(applications, barber, simulator.create_account("square"))
    applications.revoke(account)
    due = max(connection.refresh_at, other.refresh_at)

    assert refresh_due_access(now=due) == {"done": 1, "failed": 1}

    connection.refresh_from_db()
    assert connection.state == ConnectionState.EXPIRED
    settings.SQUARE_API_BASE = NOBODY_LISTENS
    other.refresh_from_db()
    later = other.refresh_at
    refresh_due_access(now=later)
    other.refresh_from_db()
    assert other.refresh_at == later + timedelta(seconds=settings.OAUTH_RETRY_SECONDS)


# ── Once on 401 ──


def test_a_check_renews_access_that_has_ended_and_asks_again(applications, connection, account):
    applications.expire(account)

    check_connection(connection=connection, by=BY, now=timezone.now())

    connection.refresh_from_db()
    assert (connection.state, connection.error_count) == (ConnectionState.CONNECTED, 0)


def test_a_refused_charge_does_not_expire_what_can_be_renewed(applications, connection, account):
    applications.expire(account)

    confirm_refusal(connection=connection, by=BY, now=timezone.now())

    connection.refresh_from_db()
    assert connection.state == ConnectionState.CONNECTED


@each_processor
def test_a_check_of_access_that_was_taken_away_ends_expired(
    applications, connection, account, processor
):
    applications.revoke(account)

    with pytest.raises((RequestRefused, CredentialsRefused)):
        check_connection(connection=connection, by=BY, now=timezone.now())

    connection.refresh_from_db()
    assert connection.state == ConnectionState.EXPIRED


# ── Giving back ──


@each_processor
def test_disconnecting_gives_the_access_back(applications, connection, account, processor):
    gone = disconnect_account(connection=connection, by="usr_ann", reason="moving")

    assert (gone.state, gone.revoke_at) == (ConnectionState.DISCONNECTED, None)
    assert applications.list_live(account) == []
    acts = AuditEntry.objects.filter(subject=connection.public_id).values_list("action", flat=True)
    assert "connection.access_given_back" in acts


def test_what_could_not_be_given_back_is_tried_again(applications, connection, account, settings):
    good, settings.SQUARE_API_BASE = settings.SQUARE_API_BASE, NOBODY_LISTENS
    gone = disconnect_account(connection=connection, by=BY)
    assert gone.state == ConnectionState.DISCONNECTED
    assert gone.last_error.startswith("The access could not be given back: ")
    assert len(applications.list_live(account)) == 1
    settings.SQUARE_API_BASE = good

    assert revoke_due_access(now=gone.revoke_at - timedelta(seconds=1))["done"] == 0
    assert revoke_due_access(now=gone.revoke_at) == {"done": 1, "failed": 0}

    gone.refresh_from_db()
    assert (gone.revoke_at, gone.last_error) == (None, "")
    assert applications.list_live(account) == []


def test_a_connection_that_came_back_is_not_given_back(
    applications, connection, account, barber, settings
):
    good, settings.SQUARE_API_BASE = settings.SQUARE_API_BASE, NOBODY_LISTENS
    gone = disconnect_account(connection=connection, by=BY)
    settings.SQUARE_API_BASE = good
    again = connect(applications, barber, account)

    revoke_due_access(now=gone.revoke_at + timedelta(days=1))

    assert again.pk == connection.pk
    assert applications.list_live(account) != []


@each_processor
def test_access_that_is_gone_need_not_be_given_back(applications, connection, account, processor):
    applications.revoke(account)

    gone = disconnect_account(connection=connection, by=BY)

    assert (gone.state, gone.revoke_at) == (ConnectionState.DISCONNECTED, None)


def test_what_is_pending_or_gone_cannot_be_disconnected(connection):
    for state in (ConnectionState.PENDING, ConnectionState.REMOVED, ConnectionState.DISCONNECTED):
        Connection.objects.filter(pk=connection.pk).update(state=state)
        with pytest.raises(NotConnected):
            disconnect_account(connection=connection, by=BY)


# ── Taken away ──


def test_access_taken_away_disconnects_with_the_reason(connection, barber):
    barber.refresh_from_db()
    version = barber.routing_version
    now = timezone.now()

    for _ in range(2):
        row = mark_revoked(connection=connection, reason="by its owner", by="webhook:1", now=now)

    barber.refresh_from_db()
    assert (row.state, row.last_error) == (ConnectionState.DISCONNECTED, "by its owner")
    assert barber.routing_version == version + 1
    change = StateChange.objects.filter(subject=row.public_id).latest("pk")
    assert (change.by, change.reason) == ("webhook:1", "by its owner")


def test_what_was_taken_away_before_it_was_given_again_is_over(connection):
    before = connection.connected_at - timedelta(seconds=1)

    row = mark_revoked(
        connection=connection, reason="old", by=BY, now=timezone.now(), occurred_at=before
    )

    assert row.state == ConnectionState.CONNECTED
