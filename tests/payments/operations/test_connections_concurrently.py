"""Two who connect one account at the same moment: it is stored once."""

import pytest

from payments.operations.connections import NotConnected, connect_account, disconnect_account
from processors.models import Connection
from processors.operations.accounts import AccountAlreadyConnected
from tests import factories
from tests.payments.books import BY, NOON, at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("owners", [1, 4])
def test_one_account_is_connected_once(simulator, owners):
    factories.create_fee_schedules()
    account = simulator.create_account("square")
    barbers = [factories.create_barber() for _ in range(owners)] * (4 // owners)

    results = at_once(
        [
            lambda barber=barber: connect_account(
                barber=barber,
                processor="square",
                credentials=account.credentials,
                by=BY,
                now=NOON,
            )
            for barber in barbers
        ]
    )

    refused = [result for result in results if isinstance(result, AccountAlreadyConnected)]
    (connected,) = [result for result in results if isinstance(result, Connection)]
    assert len(refused) == 3
    assert Connection.objects.get() == connected


def test_a_connection_is_disconnected_once():
    connection = factories.create_connection(factories.create_barber())

    results = at_once([lambda: disconnect_account(connection=connection, by=BY)] * 3)

    assert sum(isinstance(result, NotConnected) for result in results) == 2
