"""Coming back, renewing and giving back at the same moment."""

import pytest
from django.utils import timezone

from payments.operations.access import refresh_access, revoke_access
from payments.operations.connections import check_connection, disconnect_account
from processors.models import Connection
from processors.operations.accounts import AccountAlreadyConnected
from processors.operations.authorizations import StateUsed
from processors.states import ConnectionState
from tests import factories
from tests.payments.books import BY, at_once
from tests.payments.operations.test_access import (
    count_exchanges,
    get_last_sequence,
    get_token,
)
from tests.payments.operations.test_authorizations import begin, connect, finish

pytestmark = pytest.mark.django_db(transaction=True)

each_processor = pytest.mark.parametrize("processor", ["square", "stripe"])


@pytest.fixture
def barber(transactional_db):
    return factories.create_barber()


@each_processor
def test_one_return_at_four_doors_is_taken_once(applications, barber, simulator, processor):
    account = simulator.create_account(processor)
    came = applications.visit(begin(barber, processor).authorize_url, account)
    before = get_last_sequence(simulator)

    results = at_once([lambda: finish(barber, processor, came)] * 4)

    assert sum(isinstance(result, StateUsed) for result in results) == 3
    (connected,) = [result for result in results if isinstance(result, Connection)]
    assert connected.state == ConnectionState.CONNECTED
    assert count_exchanges(simulator, processor, before) == 1


@each_processor
@pytest.mark.parametrize("is_shared", [True, False])
def test_one_account_authorized_three_times_at_once_is_one_row_of_one_barber(
    applications, simulator, processor, is_shared
):
    account = simulator.create_account(processor)
    one = factories.create_barber()
    barbers = [one, one, one] if is_shared else [factories.create_barber() for _ in range(3)]
    came = [
        (barber, applications.visit(begin(barber, processor).authorize_url, account))
        for barber in barbers
    ]

    results = at_once(
        [lambda barber=barber, back=back: finish(barber, processor, back) for barber, back in came]
    )

    connected = {result.pk for result in results if isinstance(result, Connection)}
    refused = [result for result in results if isinstance(result, AccountAlreadyConnected)]
    assert len(connected) == 1, results
    assert len(refused) == (0 if is_shared else 2)
    states = sorted(Connection.objects.of_barbers().values_list("state", flat=True))
    assert states == ["connected", "removed", "removed"]


@each_processor
def test_five_who_renew_at_once_ask_once_and_all_can_go_on(
    applications, barber, simulator, processor
):
    connection = connect(applications, barber, simulator.create_account(processor))
    rows = [Connection.objects.get(pk=connection.pk) for _ in range(5)]
    before = get_last_sequence(simulator)

    results = at_once(
        [lambda row=row: refresh_access(connection=row, by=BY, now=timezone.now()) for row in rows]
    )

    tokens = {get_token(result) for result in results}
    assert tokens == {get_token(Connection.objects.get(pk=connection.pk))}
    assert count_exchanges(simulator, processor, before) == 1


def test_checks_at_once_of_access_that_has_ended_renew_it_once(applications, barber, simulator):
    account = simulator.create_account("square")
    connection = connect(applications, barber, account)
    applications.expire(account)
    rows = [Connection.objects.get(pk=connection.pk) for _ in range(4)]
    before = get_last_sequence(simulator)

    results = at_once(
        [
            lambda row=row: check_connection(connection=row, by=BY, now=timezone.now())
            for row in rows
        ]
    )

    connection.refresh_from_db()
    assert [result for result in results if isinstance(result, Exception)] == []
    assert count_exchanges(simulator, "square", before) == 1
    assert connection.state == ConnectionState.CONNECTED


def test_a_renewal_does_not_bring_back_what_is_disconnected_meanwhile(
    applications, barber, simulator
):
    account = simulator.create_account("square")
    connection = connect(applications, barber, account)

    at_once(
        [
            lambda: refresh_access(connection=connection, by=BY, now=timezone.now()),
            lambda: disconnect_account(connection=connection, by=BY),
        ]
    )

    row = Connection.objects.get(pk=connection.pk)
    assert row.state == ConnectionState.DISCONNECTED
    assert revoke_access(connection=row, by=BY, now=timezone.now())
    assert applications.list_live(account) == []


def test_checks_do_not_put_old_access_back_over_renewed(applications, barber, simulator):
    connection = connect(applications, barber, simulator.create_account("square"))
    rows = [Connection.objects.get(pk=connection.pk) for _ in range(3)]

    at_once(
        [
            lambda: refresh_access(connection=rows[0], by=BY, now=timezone.now()),
            lambda: check_connection(connection=rows[1], by=BY, now=timezone.now()),
            lambda: check_connection(connection=rows[2], by=BY, now=timezone.now()),
        ]
    )

    row = Connection.objects.get(pk=connection.pk)
    assert get_token(row) != get_token(rows[1])
