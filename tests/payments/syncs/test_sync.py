"""A sync brings every movement of an account here, once, however often it runs."""

import pytest

from tests import factories
from tests.payments.books import get_failed_checks
from tests.payments.syncs.accounts import list_at_processor, list_recorded, sell, sync

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["stripe", "square"])
def connection(request, connect):
    return connect(factories.create_barber(), request.param)


def test_every_sale_since_the_connection_comes_here_once(connection, simulator):
    sell(simulator, connection, 250)

    run = sync(connection)

    assert (run.outcome, run.error) == ("completed", "")
    assert (run.new, run.changed) == (250, 0)
    assert list_recorded(connection) == list_at_processor(simulator, connection)
    assert get_failed_checks() == set()
