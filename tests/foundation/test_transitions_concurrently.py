"""Two workers, one row: real threads, real commits."""

from collections import Counter
from functools import partial

import pytest

from bookedbarber.foundation.models import StateChange
from bookedbarber.foundation.transitions import StaleState, move
from processors.models import Connection
from processors.states import ConnectionState
from tests import factories

from .at_once import do_at_once

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 8


def test_of_several_workers_one_moves_the_row() -> None:
    connection = factories.create_connection(factories.create_barber())
    copies = [Connection.objects.get(pk=connection.pk) for _ in range(WORKERS)]

    results = do_at_once(
        [
            partial(move, copy, ConnectionState.EXPIRED, by=f"usr_{n}")
            for n, copy in enumerate(copies)
        ]
    )

    assert Counter(type(result) for result in results) == {type(None): 1, StaleState: WORKERS - 1}
    assert StateChange.objects.get().by == f"usr_{results.index(None)}"


def test_of_two_directions_one_wins_and_the_history_agrees_with_the_row() -> None:
    connection = factories.create_connection(factories.create_barber())
    targets = [ConnectionState.ERROR, ConnectionState.DISCONNECTED]
    copies = [Connection.objects.get(pk=connection.pk) for _ in targets]

    results = do_at_once(
        [
            partial(move, copy, target, by="usr_1")
            for copy, target in zip(copies, targets, strict=True)
        ]
    )

    connection.refresh_from_db()
    assert connection.state == targets[results.index(None)] == StateChange.objects.get().after
