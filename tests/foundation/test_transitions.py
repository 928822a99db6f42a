import pytest
from django.utils import timezone

from bookedbarber.foundation.models import StateChange
from bookedbarber.foundation.transitions import StaleState, TransitionNotAllowed, move, move_all
from processors.models import Connection
from processors.states import ConnectionState
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection() -> Connection:
    return factories.create_connection(factories.create_barber())


def test_a_move_changes_the_state_and_what_goes_with_it(connection: Connection) -> None:
    now = timezone.now()

    move(connection, ConnectionState.ERROR, by="job:check", reason="no answer", last_checked_at=now)

    assert connection.state == ConnectionState.ERROR
    connection.refresh_from_db()
    assert (connection.state, connection.last_checked_at) == (ConnectionState.ERROR, now)


def test_the_history_says_who_moved_what_from_where_to_where_and_why(
    connection: Connection,
) -> None:
    move(connection, ConnectionState.ERROR, by="job:check", reason="no answer")
    move(connection, ConnectionState.CONNECTED, by="usr_1")

    history = StateChange.objects.filter(subject=connection.public_id).order_by("id")
    assert list(history.values_list("before", "after", "by", "reason")) == [
        ("connected", "error", "job:check", "no answer"),
        ("error", "connected", "usr_1", ""),
    ]


def test_a_birth_writes_no_history(connection: Connection) -> None:
    assert not StateChange.objects.exists()


def test_a_move_that_the_table_does_not_have_is_refused(connection: Connection) -> None:
    with pytest.raises(TransitionNotAllowed) as raised:
        move(connection, ConnectionState.REMOVED, by="usr_1")

    assert raised.value.details == {"state": "connected"}
    assert connection.state == ConnectionState.CONNECTED
    assert not StateChange.objects.exists()


def test_who_read_an_older_state_loses(connection: Connection) -> None:
    stale = Connection.objects.get(pk=connection.pk)
    move(connection, ConnectionState.EXPIRED, by="usr_1")

    with pytest.raises(StaleState):
        move(stale, ConnectionState.ERROR, by="usr_2", last_error="late")

    connection.refresh_from_db()
    assert (connection.state, connection.last_error) == (ConnectionState.EXPIRED, "")
    assert stale.state == ConnectionState.CONNECTED
    assert StateChange.objects.count() == 1


def test_many_rows_move_together_from_different_states() -> None:
    barber = factories.create_barber()
    rows = [
        factories.create_connection(barber, state=ConnectionState.CONNECTED),
        factories.create_connection(barber, state=ConnectionState.ERROR),
    ]

    move_all(rows, ConnectionState.EXPIRED, by="job:check", error_count=3)

    assert set(Connection.objects.values_list("state", "error_count")) == {("expired", 3)}
    assert set(StateChange.objects.values_list("before", "after")) == {
        ("connected", "expired"),
        ("error", "expired"),
    }


def test_none_moves_when_one_was_moved_meanwhile() -> None:
    barber = factories.create_barber()
    first, second = (factories.create_connection(barber) for _ in range(2))
    move(Connection.objects.get(pk=second.pk), ConnectionState.DISCONNECTED, by="usr_1")

    with pytest.raises(StaleState):
        move_all([first, second], ConnectionState.EXPIRED, by="job:check")

    first.refresh_from_db()
    assert first.state == ConnectionState.CONNECTED
    assert not StateChange.objects.filter(subject=first.public_id).exists()


def test_none_moves_when_one_is_not_allowed_to() -> None:
    barber = factories.create_barber()
    rows = [
        factories.create_connection(barber, state=ConnectionState.CONNECTED),
        factories.create_connection(barber, state=ConnectionState.REMOVED),
    ]

    with pytest.raises(TransitionNotAllowed):
        move_all(rows, ConnectionState.EXPIRED, by="job:check")

    assert [row.state for row in rows] == ["connected", "removed"]
    assert not StateChange.objects.exists()


def test_moving_nothing_does_nothing() -> None:
    move_all([], ConnectionState.EXPIRED, by="job:check")

    assert not StateChange.objects.exists()
