"""What processors' events say of accounts."""

from processors.contract import AccountNews, RevocationNews
from processors.models import Connection
from processors.operations.webhook_outcomes import (
    Handled,
    Ignored,
    Outcome,
    Question,
    Reported,
)
from processors.states import ConnectionRole, ConnectionState

from ..models import PayoutDestination
from .access import mark_revoked
from .connections import check_connection
from .payout_destinations import check_destination

_CLOSED = frozenset({ConnectionState.DISCONNECTED, ConnectionState.REMOVED})


def note_account(reported: Reported) -> Outcome:
    """Look at an account again when an event says that it can do more or less than we know."""
    news, connection = reported.news, reported.connection
    if not isinstance(news, AccountNews):
        return Ignored(f"object_not_used: {reported.event.type}")
    if reported.answer is not None:
        return Handled()
    if connection.state in _CLOSED:
        return Ignored("not_connected")
    if _is_known(news, connection) and not _list_destinations(connection):
        return Ignored("nothing_new")
    return Question(lambda: _look_again(reported))


def note_revocation(reported: Reported) -> Outcome:
    """Disconnect an account whose owner, or processor, has taken our access away.

    What was revoked before the account was connected again is over.
    """
    news, connection = reported.news, reported.connection
    if not isinstance(news, RevocationNews):
        return Ignored(f"object_not_used: {reported.event.type}")
    if connection.state in _CLOSED:
        return Ignored("not_connected")
    occurred_at = reported.event.occurred_at
    if occurred_at is not None and occurred_at < connection.connected_at:
        return Ignored("connected_again_since")
    mark_revoked(
        connection=connection,
        reason=news.reason,
        by=reported.by,
        now=reported.now,
        occurred_at=occurred_at,
    )
    return Handled()


def _look_again(reported: Reported) -> bool:
    connection, by, now = reported.connection, reported.by, reported.now
    for destination in _list_destinations(connection):
        check_destination(destination=destination, by=by, now=now)
    if connection.role != ConnectionRole.PAYOUT_DESTINATION:
        check_connection(connection=connection, by=by, now=now)
    return True


def _list_destinations(connection: Connection) -> list[PayoutDestination]:
    """As which barbers are paid out to it: what it can receive may have changed."""
    rows = PayoutDestination.objects.filter(connection=connection)
    return list(rows.select_related("connection"))


def _is_known(news: AccountNews, connection: Connection) -> bool:
    can_charge = "payments" in connection.abilities
    return news.can_charge == can_charge and (
        not news.currency or news.currency in connection.currencies
    )
