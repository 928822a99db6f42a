"""What happens to a connection whose account does not answer as it should."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F

from bookedbarber.foundation.transitions import move
from processors.models import Connection
from processors.states import ConnectionState

from .configs import raise_routing_version


def lock_connection(*, connection: Connection) -> Connection:
    """The row as it is now, locked to the end of the caller's transaction."""
    return Connection.objects.select_for_update(of=["self"]).get(pk=connection.pk)


def renew_routing(*, connection: Connection) -> None:
    """Let whoever may be paid on it be routed afresh. Inside the caller's transaction."""
    raise_routing_version(None if connection.is_platform else [connection.owner_id])


@transaction.atomic
def expire_connection(*, connection: Connection, why: str, by: str, now: datetime) -> None:
    """Its credentials are refused: count it, and take no more payments until there are others."""
    row = _count(connection, why, now)
    if row.state in {ConnectionState.CONNECTED, ConnectionState.ERROR}:
        move(row, ConnectionState.EXPIRED, by=by, reason=why, refresh_at=None)
        renew_routing(connection=row)


@transaction.atomic
def count_error(*, connection: Connection, why: str, by: str, now: datetime) -> None:
    """Count a failed call; after CONNECTION_ERRORS in a row the connection is in error.

    It takes no more payments then until it answers again.
    """
    row = _count(connection, why, now)
    if row.state == ConnectionState.CONNECTED and row.error_count >= settings.CONNECTION_ERRORS:
        reason = f"{row.error_count} failures in a row: {why}"
        move(row, ConnectionState.ERROR, by=by, reason=reason)
        renew_routing(connection=row)


def _count(connection: Connection, why: str, now: datetime) -> Connection:
    row = lock_connection(connection=connection)
    Connection.objects.filter(pk=row.pk).update(
        last_error=why, error_count=F("error_count") + 1, last_checked_at=now
    )
    row.error_count += 1
    return row
