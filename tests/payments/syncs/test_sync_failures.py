"""When a processor does not answer, or not us: what was read stays, the rest comes later."""

import pytest

from payments.models import ExternalTransaction
from processors.models import Connection
from processors.states import ConnectionState
from tests import factories
from tests.payments.syncs.accounts import get_account, sell, sync

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["stripe", "square"])
def connection(request, connect):
    return connect(factories.create_barber(), request.param)


@pytest.fixture(autouse=True)
def _quick(settings):
    settings.PROCESSOR_RETRY_SECONDS = 0.01
    settings.SYNC_BATCH_PAGES = 2
    settings.BREAKER_FAILURES = 100


def get_row(connection):
    return Connection.objects.get(pk=connection.pk)


@pytest.mark.parametrize("kind", ["rate_limited", "garbage", "truncated", "error_before"])
def test_a_page_that_fails_once_is_asked_for_again(connection, simulator, kind):
    sell(simulator, connection, 250)
    simulator.add_fault(kind, account_id=connection.account_id, skip=1)

    run = sync(connection)

    assert (run.outcome, run.new) == ("completed", 250)


@pytest.mark.parametrize("kind", ["rate_limited", "garbage"])
def test_what_came_before_a_page_that_keeps_failing_stays(connection, simulator, kind):
    sell(simulator, connection, 250)
    simulator.add_fault(kind, account_id=connection.account_id, skip=1, times="always")

    failed = sync(connection)

    kept = ExternalTransaction.objects.count()
    row = get_row(connection)
    assert failed.outcome == "failed"
    assert failed.error == row.last_error != ""
    assert (row.error_count, row.last_synced_at) == (1, None)
    assert 0 < kept < 250
    simulator.clear_faults()
    assert sync(connection).outcome == "completed"
    assert ExternalTransaction.objects.count() == 250
    assert (get_row(connection).last_error, get_row(connection).error_count) == ("", 0)


def test_refused_once_it_is_tried_again_with_credentials_that_are_fresher(connection, simulator):
    sell(simulator, connection, 3)
    stale = get_row(connection)
    account = get_account(connection)
    name = next(iter(account.credentials))
    fresh = get_row(connection)
    stale.seal_credentials({name: "sk_test_outdated"})
    fresh.seal_credentials(account.credentials)
    fresh.save(update_fields=["sealed_credentials"])

    run = sync(stale, reread=False)

    assert (run.outcome, run.new) == ("completed", 3)


def test_a_dead_connection_says_so_and_why(connection, simulator):
    simulator.add_fault("revoked_token", account_id=connection.account_id, times="always")

    run = sync(connection)

    row = get_row(connection)
    assert run.outcome == "failed"
    assert row.state == ConnectionState.EXPIRED
    assert row.last_error == run.error == "The processor does not accept the account's credentials"


def test_one_list_that_is_not_granted_leaves_the_others(connection, simulator):
    sell(simulator, connection, 3)
    path = "/v1/disputes*" if connection.processor == "stripe" else "/v2/payouts*"
    simulator.add_fault(
        "revoked_token", account_id=connection.account_id, path=path, times="always"
    )

    run = sync(connection)

    assert (run.outcome, run.new) == ("failed", 3)
    assert get_row(connection).state == ConnectionState.CONNECTED
