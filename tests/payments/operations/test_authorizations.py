"""Connecting by OAuth: there and back once, a live call, and nothing left of what went wrong."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from bookedbarber.foundation.models import AuditEntry, StateChange
from payments.operations.authorizations import (
    AuthorizationAnswer,
    AuthorizationDenied,
    CodeMissing,
    finish_authorization,
    remove_abandoned_authorizations,
    start_authorization,
)
from payments.operations.connections import connect_account, disconnect_account
from payments.queries.routing import get_barber_facts
from processors.contract import Charges
from processors.errors import ApplicationRefused, CredentialsRefused, ProcessorNotReached
from processors.models import AuthorizationAttempt, Connection
from processors.operations.accounts import AccountAlreadyConnected
from processors.operations.authorizations import (
    ApplicationNotConfigured,
    StateExpired,
    StateOfAnother,
    StateUnknown,
    StateUsed,
)
from processors.registry import UnknownProcessor, get_adapter
from processors.states import ConnectionState
from tests import factories
from tests.oauth import Applications
from tests.payments.books import BY

pytestmark = pytest.mark.django_db(transaction=True)

each_processor = pytest.mark.parametrize("processor", ["square", "stripe"])


@pytest.fixture
def barber(transactional_db):
    return factories.create_barber()


@pytest.fixture
def account(simulator, processor):
    return simulator.create_account(processor, name="Chair 5", currencies=["USD"])


def begin(barber, processor: str):
    by = barber.user.public_id
    return start_authorization(barber=barber, processor=processor, by=by, now=timezone.now())


def finish(barber, processor: str, came: dict, *, now=None, by: str = "") -> Connection:
    answer = AuthorizationAnswer(
        state=came.get("state", ""),
        code=came.get("code", ""),
        error=came.get("error", ""),
        explanation=came.get("error_description", ""),
    )
    return finish_authorization(
        processor=processor,
        answer=answer,
        by=by or barber.user.public_id,
        now=now or timezone.now(),
    )


def connect(applications: Applications, barber, account) -> Connection:
    begun = begin(barber, account.processor)
    came = applications.visit(begun.authorize_url, account)
    return finish(barber, account.processor, came)


def get_state(url: str) -> str:
    return parse_qs(urlsplit(url).query)["state"][0]


# ── There and back ──


@each_processor
def test_beginning_makes_a_pending_connection_that_routing_does_not_see(
    applications, barber, processor
):
    begun = begin(barber, processor)

    connection = Connection.objects.of_barbers().get()
    assert (connection, connection.state) == (begun.connection, ConnectionState.PENDING)
    assert (connection.owner, connection.is_authorized) == (barber, True)
    assert not connection.is_usable
    assert abs(begun.expires_at - timezone.now()) <= timedelta(hours=1)
    facts = get_barber_facts(barber, now=timezone.now())
    assert connection.pk not in [account.connection_id for account in facts.accounts]


@each_processor
def test_the_state_is_nowhere_in_the_database(applications, barber, processor):
    state = get_state(begin(barber, processor).authorize_url)

    attempt = AuthorizationAttempt.objects.get()
    assert len(state) >= 40
    assert state not in str(vars(attempt))


@each_processor
def test_an_account_is_connected_after_its_owner_said_yes(applications, barber, account, processor):
    barber.refresh_from_db()
    version = barber.routing_version

    connection = connect(applications, barber, account)

    connection.refresh_from_db()
    barber.refresh_from_db()
    assert (connection.state, connection.is_usable) == (ConnectionState.CONNECTED, True)
    assert (connection.account_id, connection.name) == (account.account_id, "Chair 5")
    assert (connection.is_authorized, connection.currencies) == (True, ["USD"])
    assert barber.routing_version == version + 1
    assert connection.get_access().credentials["refresh_token"]
    assert get_adapter(connection.get_access(), Charges)
    moves = StateChange.objects.filter(subject=connection.public_id)
    assert [(move.before, move.after) for move in moves] == [("pending", "connected")]
    acts = AuditEntry.objects.filter(subject=connection.public_id).values_list("action", flat=True)
    assert list(acts) == ["connection.authorization_begun", "connection.authorized"]


def test_access_that_ends_is_due_for_renewal_at_half_its_life(applications, barber, simulator):
    account = simulator.create_account("square")

    connection = connect(applications, barber, account)

    life = connection.token_expires_at - connection.connected_at
    assert timedelta(days=29) < life <= timedelta(days=31)
    assert connection.refresh_at == connection.connected_at + life / 2


def test_access_that_does_not_end_needs_no_renewal(applications, barber, simulator):
    connection = connect(applications, barber, simulator.create_account("stripe"))

    assert (connection.token_expires_at, connection.refresh_at) == (None, None)


# ── What goes wrong ──


@each_processor
def test_an_owner_who_says_no(applications, barber, account, processor):
    begun = begin(barber, processor)
    came = applications.visit(begun.authorize_url, account, answer="deny")

    with pytest.raises(AuthorizationDenied) as raised:
        finish(barber, processor, came)

    begun.connection.refresh_from_db()
    assert raised.value.details["reason"] == "access_denied"
    assert begun.connection.state == ConnectionState.REMOVED
    with pytest.raises(StateUsed):
        finish(barber, processor, came)


@each_processor
def test_a_state_is_good_once(applications, barber, account, processor):
    begun = begin(barber, processor)
    came = applications.visit(begun.authorize_url, account)
    connection = finish(barber, processor, came)

    with pytest.raises(StateUsed):
        finish(barber, processor, came)

    connection.refresh_from_db()
    assert connection.state == ConnectionState.CONNECTED


@each_processor
def test_a_code_that_was_used_is_no_use_with_another_state(
    applications, barber, account, processor
):
    begun = begin(barber, processor)
    came = applications.visit(begun.authorize_url, account)
    finish(barber, processor, came)
    again = begin(barber, processor)

    with pytest.raises(Exception, match="does not accept"):
        finish(barber, processor, {**came, "state": get_state(again.authorize_url)})

    again.connection.refresh_from_db()
    assert again.connection.state == ConnectionState.REMOVED


@each_processor
def test_what_others_began_stays_theirs(applications, barber, account, processor):
    begun = begin(barber, processor)
    came = applications.visit(begun.authorize_url, account)
    thief = factories.create_barber()

    with pytest.raises(StateOfAnother):
        finish(thief, processor, came)

    assert not Connection.objects.filter(owner=thief).exists()
    assert finish(barber, processor, came).state == ConnectionState.CONNECTED


@pytest.mark.parametrize("state", ["", "made up", "x" * 5000])
def test_a_state_that_nobody_began(applications, barber, state):
    with pytest.raises(StateUnknown):
        finish(barber, "square", {"state": state, "code": "sq0cgp-1"})

    assert not Connection.objects.of_barbers().exists()


def test_a_state_is_for_its_processor(applications, barber):
    state = get_state(begin(barber, "square").authorize_url)

    with pytest.raises(StateUnknown):
        finish(barber, "stripe", {"state": state, "code": "ac_1"})


def test_a_state_ends_after_an_hour(applications, barber, simulator):
    begun = begin(barber, "square")
    came = applications.visit(begun.authorize_url, simulator.create_account("square"))

    with pytest.raises(StateExpired):
        finish(barber, "square", came, now=begun.expires_at)


def test_coming_back_with_nothing(applications, barber):
    begun = begin(barber, "square")

    with pytest.raises(CodeMissing):
        finish(barber, "square", {"state": get_state(begun.authorize_url)})

    begun.connection.refresh_from_db()
    assert begun.connection.state == ConnectionState.REMOVED


def test_a_processor_that_does_not_answer_leaves_nothing_behind(
    applications, barber, simulator, settings
):
    begun = begin(barber, "square")
    came = applications.visit(begun.authorize_url, simulator.create_account("square"))
    settings.SQUARE_API_BASE = "http://127.0.0.1:9"

    with pytest.raises(ProcessorNotReached):
        finish(barber, "square", came)

    begun.connection.refresh_from_db()
    assert begun.connection.state == ConnectionState.REMOVED
    assert not Connection.objects.alive().of_barbers().exists()


@each_processor
def test_a_wrong_secret_of_ours_connects_nobody(applications, barber, account, processor, settings):
    begun = begin(barber, processor)
    came = applications.visit(begun.authorize_url, account)
    settings.STRIPE_SECRET_KEY = settings.SQUARE_APPLICATION_SECRET = "sk_test_wrong"

    with pytest.raises((ApplicationRefused, CredentialsRefused)):
        finish(barber, processor, came)

    assert not Connection.objects.alive().of_barbers().exists()


def test_what_is_not_configured_is_not_begun(applications, barber, settings):
    settings.SQUARE_APPLICATION_ID = ""

    with pytest.raises(ApplicationNotConfigured):
        begin(barber, "square")
    with pytest.raises(UnknownProcessor):
        begin(barber, "abacus")

    assert not Connection.objects.of_barbers().exists()


# ── The same account again ──


@each_processor
def test_the_same_account_again_is_the_same_row_with_fresh_access(
    applications, barber, account, processor
):
    first = connect(applications, barber, account)

    again = connect(applications, barber, account)

    first_access = first.get_access().credentials
    assert again.pk == first.pk
    assert again.get_access().credentials != first_access
    states = Connection.objects.of_barbers().order_by("pk").values_list("state", flat=True)
    assert list(states) == ["connected", "removed"]


@each_processor
def test_a_disconnected_account_comes_back_as_the_same_row(
    applications, barber, account, processor
):
    first = connect(applications, barber, account)
    since = first.first_connected_at
    disconnect_account(connection=first, by=BY)

    again = connect(applications, barber, account)

    again.refresh_from_db()
    assert (again.pk, again.state) == (first.pk, ConnectionState.CONNECTED)
    assert (again.first_connected_at, again.revoke_at) == (since, None)


def test_pasted_credentials_give_way_to_access_by_oauth(applications, barber, simulator):
    account = simulator.create_account("square")
    pasted = connect_account(
        barber=barber,
        processor="square",
        credentials=account.credentials,
        by=BY,
        now=timezone.now(),
    )

    authorized = connect(applications, barber, account)

    assert authorized.pk == pasted.pk
    assert authorized.is_authorized
    assert authorized.get_access().credentials["access_token"] != account.secret


@each_processor
def test_another_barbers_account_is_refused(applications, barber, account, processor):
    theirs = connect(applications, factories.create_barber(), account)
    before = theirs.get_access().credentials

    with pytest.raises(AccountAlreadyConnected):
        connect(applications, barber, account)

    theirs.refresh_from_db()
    assert theirs.state == ConnectionState.CONNECTED
    assert theirs.get_access().credentials == before
    assert not Connection.objects.alive().filter(owner=barber).exists()


# ── Nobody comes back ──


def test_what_nobody_came_back_for_is_removed_after_an_hour(applications, barber, simulator):
    abandoned, waiting = begin(barber, "square"), begin(barber, "stripe")
    AuthorizationAttempt.objects.filter(connection=abandoned.connection).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )
    connected = connect(applications, barber, simulator.create_account("square"))
    AuthorizationAttempt.objects.filter(connection=connected).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )

    assert remove_abandoned_authorizations(now=timezone.now()) == 1

    states = dict(Connection.objects.values_list("pk", "state"))
    assert states[abandoned.connection.pk] == ConnectionState.REMOVED
    assert states[waiting.connection.pk] == ConnectionState.PENDING
    assert states[connected.pk] == ConnectionState.CONNECTED
