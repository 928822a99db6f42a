"""A sync brings every movement of an account here, once, however often it runs."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from payments.models import Accrual, ExternalTransaction, LedgerEntry, SyncCursor
from processors.models import Connection
from tests import factories
from tests.payments.books import get_failed_checks
from tests.payments.syncs.accounts import list_at_processor, list_recorded, sell, sync

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["stripe", "square"])
def connection(request, connect):
    return connect(factories.create_barber(), request.param)


def list_row_versions():
    """PostgreSQL gives a row a new place and transaction each time that it is written."""
    found = []
    with database.cursor() as cursor:
        for model in (ExternalTransaction, Accrual, LedgerEntry):
            table = model._meta.db_table
            cursor.execute(f"SELECT ctid::text, xmin::text FROM {table}")  # noqa: S608  our own
            found += cursor.fetchall()
    return found


def test_every_sale_since_the_connection_comes_here_once(connection, simulator):
    sell(simulator, connection, 250)

    run = sync(connection)

    assert (run.outcome, run.error) == ("completed", "")
    assert (run.new, run.changed, run.unreadable_count) == (250, 0, 0)
    assert list_recorded(connection) == list_at_processor(simulator, connection)
    assert get_failed_checks() == set()


def test_a_second_sync_writes_no_row_at_all(connection, simulator):
    sell(simulator, connection, 120)
    sync(connection)
    before = list_row_versions()

    run = sync(connection, force=True)

    assert (run.new, run.changed, run.unchanged) == (0, 0, 120)
    assert list_row_versions() == before


def test_the_next_sync_brings_only_what_came_meanwhile(connection, simulator):
    sell(simulator, connection, 30, last_at=timezone.now() - timedelta(days=20))
    sync(connection)
    sell(simulator, connection, 5)

    run = sync(connection)

    assert (run.seen, run.new) == (5, 5)
    assert ExternalTransaction.objects.count() == 35


def test_sales_of_before_the_connection_stay_away(connection, simulator):
    early = connection.first_connected_at - timedelta(days=3)
    sell(simulator, connection, 3, last_at=early)
    sell(simulator, connection, 1)

    run = sync(connection)

    assert run.new == 1


def test_older_history_comes_when_asked_for_and_bears_no_commission(connection, simulator):
    early = connection.first_connected_at - timedelta(days=3)
    sell(simulator, connection, 3, last_at=early)
    sell(simulator, connection, 2)
    sync(connection)

    run = sync(connection, since=early - timedelta(days=1))

    assert run.new == 3
    assert Accrual.objects.count() == 2
    assert get_failed_checks() == set()


def test_a_later_since_leaves_no_gap(connection, simulator):
    sell(simulator, connection, 4, last_at=timezone.now() - timedelta(days=9))

    run = sync(connection, since=timezone.now() - timedelta(days=1))

    assert run.new == 4


def test_a_sync_out_of_time_is_gone_on_with_by_the_next_one(connection, simulator):
    sell(simulator, connection, 20)
    early = connection.first_connected_at - timedelta(days=5)
    sell(simulator, connection, 10, last_at=early + timedelta(days=1))

    paused = sync(connection, since=early, seconds=-1)
    run = sync(connection)

    assert (paused.outcome, paused.seen) == ("paused", 0)
    assert (run.outcome, run.new) == ("completed", 30)
    assert run.continues == paused
    assert not SyncCursor.objects.exclude(started_at=None)


def test_a_connection_says_when_it_was_read_and_what_it_has_taken(connection, simulator):
    sell(simulator, connection, 3)

    run = sync(connection)

    row = Connection.objects.get(pk=connection.pk)
    assert row.last_synced_at == run.started_at
    assert row.last_transaction_at == ExternalTransaction.objects.latest("occurred_at").occurred_at
    assert (row.transaction_count, row.charged_minor) == (3, {"USD": 60_00})
