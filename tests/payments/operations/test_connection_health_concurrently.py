"""Failures and switches at the same moment: none is lost."""

import pytest

from bookedbarber.foundation.models import StateChange
from payments.operations.connection_health import AlreadyDisabled, disable_connection
from payments.operations.connection_states import count_error
from processors.states import ConnectionState
from tests import factories
from tests.payments.books import BY, NOON, at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_failures_at_once_are_all_counted_and_make_one_error():
    connection = factories.create_connection(factories.create_barber())

    results = at_once(
        [lambda: count_error(connection=connection, why="no answer", by=BY, now=NOON)] * 6
    )

    connection.refresh_from_db()
    assert results == [None] * 6
    assert (connection.state, connection.error_count) == (ConnectionState.ERROR, 6)
    assert StateChange.objects.filter(subject=connection.public_id).count() == 1


def test_of_two_who_switch_off_one_does():
    connection = factories.create_connection(factories.create_barber())

    results = at_once(
        [lambda: disable_connection(connection=connection, by=BY, reason="", now=NOON)] * 3
    )

    assert sum(isinstance(result, AlreadyDisabled) for result in results) == 2
