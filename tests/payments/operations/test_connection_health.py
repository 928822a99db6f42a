"""Connections that fail, are switched off, tried afresh, and come back by themselves."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from bookedbarber.foundation.errors import DomainError
from bookedbarber.foundation.models import AuditEntry, JobRun, StateChange
from bookedbarber.foundation.money import Money
from payments import tasks
from payments.operations.charges import take_payment
from payments.operations.claims import Order
from payments.operations.connection_health import (
    AlreadyDisabled,
    NotDisabled,
    disable_connection,
    enable_connection,
    probe_failing_connections,
    reset_connection,
    update_connection_health,
)
from payments.operations.connections import (
    NoCredentials,
    check_connection,
    disconnect_account,
)
from processors import transport
from processors.errors import CredentialsRefused, ProcessorNotReached
from processors.models import Connection
from processors.states import ConnectionRole, ConnectionState
from processors.transport import breaker
from tests import factories
from tests.payments.books import BY, NOON

pytestmark = pytest.mark.django_db(transaction=True)

NOBODY_LISTENS = "http://127.0.0.1:9"


@pytest.fixture
def barber(transactional_db):
    return factories.create_barber()


@pytest.fixture
def connection(connect, barber):
    return connect(barber)


def get_version(barber) -> int:
    barber.refresh_from_db()
    return barber.routing_version


def fail(connection, times: int = 1, now=NOON) -> None:
    for _ in range(times):
        with pytest.raises(DomainError):
            check_connection(connection=connection, by=BY, now=now)
    connection.refresh_from_db()


# ── Errors ──


def sell_through(connection, jobs) -> None:
    """A sale on the account, and then what a worker does about it."""
    order = Order(
        barber=connection.owner,
        amount=Money(75_00, "USD"),
        tip=Money(0, "USD"),
        payment_methods={str(connection.pk): "cnon:card-nonce-ok"},
    )
    take_payment(order=order, by="usr_test", now=timezone.now())
    for job in [*jobs]:
        tasks.check_connection(**job)
    jobs.clear()
    connection.refresh_from_db()


def test_sales_that_nobody_answers_count_and_the_account_is_asked(
    connection, barber, simulator, settings, monkeypatch
):
    settings.PROCESSOR_RETRY_SECONDS, settings.BREAKER_FAILURES = 0.01, 1000
    factories.create_config(barber, mode="decentralized", fallback_enabled=False)
    jobs = []
    monkeypatch.setattr(
        "bookedbarber.foundation.jobs._send",
        lambda job, arguments, *_: (
            jobs.append(arguments) if job == "payments.check_connection" else None
        ),
    )
    sell_through(connection, jobs)
    assert connection.error_count == 0
    simulator.add_fault("reset_before", account_id=connection.account_id, method="POST")
    sell_through(connection, jobs)
    assert connection.error_count == 0, "asked about itself, the account answered"

    simulator.add_fault("reset_before", account_id=connection.account_id, times="always")
    for failures in range(1, 6):
        assert connection.state == ConnectionState.CONNECTED
        sell_through(connection, jobs)
        assert connection.error_count == failures

    assert connection.state == ConnectionState.ERROR
    simulator.clear_faults()
    assert probe_failing_connections(now=timezone.now()) == 1


def test_five_failures_in_a_row_are_an_error_and_routing_knows(connection, barber, settings):
    settings.SQUARE_API_BASE = NOBODY_LISTENS
    fail(connection, 4)
    version = get_version(barber)
    assert (connection.state, connection.is_usable) == (ConnectionState.CONNECTED, True)

    fail(connection)

    assert (connection.state, connection.is_usable) == (ConnectionState.ERROR, False)
    assert get_version(barber) == version + 1
    change = StateChange.objects.filter(subject=connection.public_id).latest("pk")
    assert change.reason.startswith("5 failures in a row: The processor was not reached")


def test_how_many_failures_are_too_many_is_a_setting(connection, settings):
    settings.CONNECTION_ERRORS = 1
    settings.SQUARE_API_BASE = NOBODY_LISTENS

    fail(connection)

    assert connection.state == ConnectionState.ERROR


def test_an_answer_in_between_begins_the_count_again(connection, settings):
    good, settings.SQUARE_API_BASE = settings.SQUARE_API_BASE, NOBODY_LISTENS
    fail(connection, 4)
    settings.SQUARE_API_BASE = good
    transport.forget(connection.get_access())
    check_connection(connection=connection, by=BY, now=NOON)
    settings.SQUARE_API_BASE = NOBODY_LISTENS

    fail(connection)

    assert (connection.state, connection.error_count) == (ConnectionState.CONNECTED, 1)


def test_what_answers_again_is_connected_again(connection, barber, settings):
    good, settings.SQUARE_API_BASE = settings.SQUARE_API_BASE, NOBODY_LISTENS
    fail(connection, 5)
    settings.SQUARE_API_BASE = good
    transport.forget(connection.get_access())
    version = get_version(barber)

    assert probe_failing_connections(now=NOON) == 1

    connection.refresh_from_db()
    assert (connection.state, connection.error_count) == (ConnectionState.CONNECTED, 0)
    assert get_version(barber) == version + 1
    assert probe_failing_connections(now=NOON) == 0


def test_only_what_is_in_error_is_probed(connection, simulator):
    before = len(simulator.requests(connection.account_id))

    assert probe_failing_connections(now=NOON) == 0
    assert len(simulator.requests(connection.account_id)) == before


# ── Reset ──


def test_a_reset_asks_at_once_even_an_account_that_is_left_alone(connection, settings):
    good, settings.SQUARE_API_BASE = settings.SQUARE_API_BASE, NOBODY_LISTENS
    fail(connection, 5)
    settings.SQUARE_API_BASE = good
    breaker._get_state(connection.get_access()).open(10)
    assert transport.is_open(connection.get_access())

    reset_connection(connection=connection, by="usr_ann", now=NOON)

    connection.refresh_from_db()
    assert (connection.state, connection.error_count) == (ConnectionState.CONNECTED, 0)
    entry = AuditEntry.objects.get(action="connection.reset")
    assert (entry.by, entry.before["error_count"]) == ("usr_ann", 5)
    assert not transport.is_open(connection.get_access())


def test_a_reset_that_fails_is_the_first_failure(connection, settings):
    settings.SQUARE_API_BASE = NOBODY_LISTENS
    fail(connection, 5)

    with pytest.raises(ProcessorNotReached):
        reset_connection(connection=connection, by=BY, now=NOON)

    connection.refresh_from_db()
    assert (connection.state, connection.error_count) == (ConnectionState.ERROR, 1)


# ── Switched off and on ──


def test_an_operator_switches_a_connection_off_and_on(connection, barber):
    version = get_version(barber)

    disable_connection(connection=connection, by="usr_ann", reason="odd sales", now=NOON)

    connection.refresh_from_db()
    assert (connection.disabled_at, connection.is_usable) == (NOON, False)
    assert connection.state == ConnectionState.CONNECTED
    assert get_version(barber) == version + 1
    enable_connection(connection=connection, by="usr_ann", reason="explained")
    connection.refresh_from_db()
    assert (connection.disabled_at, connection.is_usable) == (None, True)
    assert get_version(barber) == version + 2
    entries = AuditEntry.objects.filter(by="usr_ann").values_list("action", "reason")
    assert list(entries) == [
        ("connection.disabled", "odd sales"),
        ("connection.enabled", "explained"),
    ]


def test_switching_twice_is_refused(connection):
    with pytest.raises(NotDisabled):
        enable_connection(connection=connection, by=BY, reason="")
    disable_connection(connection=connection, by=BY, reason="", now=NOON)

    with pytest.raises(AlreadyDisabled):
        disable_connection(connection=connection, by=BY, reason="", now=NOON)


def test_a_live_call_does_not_switch_on_what_an_operator_switched_off(connection):
    disable_connection(connection=connection, by=BY, reason="", now=NOON)

    check_connection(connection=connection, by=BY, now=NOON)

    connection.refresh_from_db()
    assert connection.disabled_at == NOON


# ── The job ──


def test_every_live_connection_is_asked_whatever_came_of_the_others(
    connect, barber, simulator, connection
):
    revoked = connect(barber)
    simulator.renew_secret("square", revoked.account_id)
    gone = connect(barber)
    disconnect_account(connection=gone, by=BY)
    later = NOON + timedelta(days=1)
    seen = []

    figures = update_connection_health(now=later, on_progress=seen.append)

    # The platform's own is the third.
    assert figures == {"answered": 2, "failed": 1}
    assert seen == [figures]
    checked = dict(Connection.objects.values_list("pk", "last_checked_at"))
    assert (checked[connection.pk], checked[revoked.pk]) == (later, later)
    assert checked[gone.pk] != later
    revoked.refresh_from_db()
    assert revoked.state == ConnectionState.EXPIRED


def test_an_account_that_is_only_paid_out_to_has_no_credentials_to_check(connection, barber):
    destination = factories.create_connection(
        barber, role=ConnectionRole.PAYOUT_DESTINATION, processor="stripe", credentials={}
    )

    figures = update_connection_health(now=NOON, on_progress=lambda _: None)

    with pytest.raises(NoCredentials):
        check_connection(connection=destination, by=BY, now=NOON)
    destination.refresh_from_db()
    assert figures == {"answered": 2, "failed": 0}
    assert (destination.state, destination.error_count) == (ConnectionState.CONNECTED, 0)


def test_the_command_is_a_recorded_run_and_says_how_many_failed(connection, simulator, capsys):
    call_command("update_connection_health", "--json")
    simulator.renew_secret("square", connection.account_id)

    with pytest.raises(SystemExit):
        call_command("update_connection_health")

    first, second = capsys.readouterr().out.splitlines()
    assert json.loads(first) == {"answered": 2, "failed": 0}
    assert second == "1 connections answered, 1 did not."
    runs = JobRun.objects.filter(job="payments.update_connection_health").order_by("pk")
    assert [run.figures["failed"] for run in runs] == [0, 1]


def test_refused_credentials_expire_at_once_and_are_no_error(connection, simulator):
    simulator.renew_secret("square", connection.account_id)

    with pytest.raises(CredentialsRefused):
        check_connection(connection=connection, by=BY, now=NOON)

    connection.refresh_from_db()
    assert connection.state == ConnectionState.EXPIRED
