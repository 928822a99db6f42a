"""A sync that is killed, doubled or overtaken still brings everything here, each once."""

import math
import os
import random
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings as project
from django.db import connection as database
from django.utils import timezone

from payments.models import ExternalTransaction, SyncCursor, SyncRun
from payments.operations.syncing.access import AccountReader
from payments.operations.syncing.locks import SyncUnderWay
from payments.operations.syncing.requests import begin_run
from payments.operations.syncing.running import read_lists
from processors.models import Connection
from tests import factories
from tests.payments.books import at_once, get_failed_checks
from tests.payments.syncs.accounts import (
    BY,
    list_at_processor,
    list_recorded,
    sell,
    sync,
)
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

KILLED = "a sync that will be killed"


@pytest.fixture(params=["stripe", "square"])
def connection(request, connect):
    return connect(factories.create_barber(), request.param)


@pytest.fixture(autouse=True)
def _small_batches(settings):
    settings.SYNC_BATCH_PAGES = 1
    settings.TRANSACTION_RETRY_SECONDS = 0.02


def start_process(connection):
    """The command, in a process of its own on the test's database and simulator."""
    name = database.settings_dict["NAME"]
    environment = os.environ | {
        "DATABASE_URL": project.DATABASE_URL.rpartition("/")[0] + f"/{name}",
        "STRIPE_API_BASE": project.STRIPE_API_BASE,
        "SQUARE_API_BASE": project.SQUARE_API_BASE,
        "SYNC_BATCH_PAGES": "1",
        "PGAPPNAME": KILLED,
    }
    command = ["manage.py", "sync_transactions", "--connection", connection.public_id]
    return subprocess.Popen(
        [sys.executable, *command], env=environment, cwd=project.ROOT, stdout=subprocess.DEVNULL
    )


def sync_and_die(connection, simulator, rows):
    """Sync in a process that is killed as soon as so many rows are here; return whether it was.

    However late we see that: after 600 rows of 700 its next question waits for an answer.
    """
    pages = 6 - ExternalTransaction.objects.count() // 100
    account = connection.account_id
    simulator.add_fault("time_out_before", account_id=account, skip=pages, times="always")
    process = start_process(connection)
    wait_until(lambda: ExternalTransaction.objects.count() >= rows or process.poll() is not None)
    process.kill()
    simulator.clear_faults()
    was_killed = process.wait() < 0
    wait_until(lambda: not is_in_the_database())
    return was_killed


def is_in_the_database():
    """PostgreSQL notices a moment later that a process has died, and only then frees its lock."""
    with database.cursor() as cursor:
        cursor.execute("SELECT FROM pg_stat_activity WHERE application_name = %s", [KILLED])
        return cursor.fetchone() is not None


def test_killed_again_and_again_it_ends_complete(connection, simulator):
    sell(simulator, connection, 700)
    places = sorted(random.Random(7).sample(range(1, 500), 2))

    killed = [sync_and_die(connection, simulator, rows) for rows in places]
    left = ExternalTransaction.objects.count()
    run = sync(connection)

    assert all(killed)
    assert left < 700
    assert run.outcome == "completed"
    assert run.new == 700 - left
    assert list_recorded(connection) == list_at_processor(simulator, connection)
    assert get_failed_checks() == set()


def test_the_run_of_a_killed_process_counts_as_interrupted(connection, simulator):
    sell(simulator, connection, 150)
    lost = begin_run(connection=connection, by=BY, now=timezone.now())

    run = sync(connection)

    lost.refresh_from_db()
    assert (lost.outcome, lost.error) == ("interrupted", "The process ended")
    assert run.continues == lost


def test_stopped_after_any_page_it_goes_on_behind_it(connection, simulator):
    sell(simulator, connection, 250)

    def stop(_):
        raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            sync(connection, on_progress=stop)
    run = sync(connection)

    assert list(SyncRun.objects.order_by("pk").values_list("outcome", flat=True)) == [
        "interrupted",
        "interrupted",
        "completed",
    ]
    assert run.new < 250
    assert ExternalTransaction.objects.count() == 250


def test_of_two_at_once_one_does_it(connection, simulator):
    sell(simulator, connection, 300)

    outcomes = at_once([lambda: sync(connection)] * 2)

    done = [run for run in outcomes if isinstance(run, SyncRun)]
    assert len(done) in {1, 2}
    assert all(isinstance(other, SyncRun | SyncUnderWay) for other in outcomes)
    assert ExternalTransaction.objects.count() == 300
    assert get_failed_checks() == set()


def test_two_that_do_not_see_each_others_lock_record_everything_once(connection, simulator):
    sell(simulator, connection, 300)
    now = timezone.now()
    run = begin_run(connection=connection, by=BY, now=now)

    def read():
        account = AccountReader(Connection.objects.get(pk=connection.pk), by=BY, now=now)
        return read_lists(run, account, deadline=math.inf, on_progress=lambda _: None, now=now)

    outcomes = at_once([read] * 3)

    assert all(outcome is True or isinstance(outcome, SyncUnderWay) for outcome in outcomes)
    assert True in outcomes
    assert list_recorded(connection) == list_at_processor(simulator, connection)
    assert get_failed_checks() == set()


def test_a_sale_that_changes_between_two_pages_hides_no_other(connection, simulator):
    sales = sell(simulator, connection, 250, last_at=timezone.now() - timedelta(hours=1))
    refunded = []

    def refund_the_last_one_listed(progress):
        if not refunded:
            place = 99 if connection.processor == "square" else -100
            refunded.append(sales[place]["id"])
            simulator.act("refunds", payment=refunded[0], amount_minor=5_00)

    sync(connection, on_progress=refund_the_last_one_listed)
    sync(connection)

    assert refunded
    assert list_recorded(connection) == list_at_processor(simulator, connection)
    assert get_failed_checks() == set()


def test_an_overtaken_batch_is_not_stored(connection, simulator):
    sell(simulator, connection, 250)

    def overtake(_):
        SyncCursor.objects.exclude(started_at=None).update(position="somewhere else")

    run = sync(connection, on_progress=overtake)

    assert run.outcome == "failed"
    assert ExternalTransaction.objects.count() == 100
