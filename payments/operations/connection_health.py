"""The health of connections: switched off and on, looked after, and tried again from the start."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.errors import Conflict, DomainError
from processors.contract import AccountDescription
from processors.models import Connection
from processors.states import ConnectionState
from processors.transport import forget

from .connection_states import lock_connection, renew_routing
from .connections import check_connection

CHUNK = 100
BY = "job:payments.update_connection_health"


class AlreadyDisabled(Conflict):
    """The connection is switched off already."""


class NotDisabled(Conflict):
    """The connection is not switched off."""


@transaction.atomic
def disable_connection(
    *, connection: Connection, by: str, reason: str, now: datetime
) -> Connection:
    """Switch a connection off: no more payments on it, whatever its state is.

    :raises AlreadyDisabled: it is off.
    """
    row = lock_connection(connection=connection)
    if row.disabled_at is not None:
        raise AlreadyDisabled(disabled_at=row.disabled_at.isoformat())
    return _switch(row, now, "connection.disabled", by, reason)


@transaction.atomic
def enable_connection(*, connection: Connection, by: str, reason: str) -> Connection:
    """Let a connection that was switched off take payments again.

    :raises NotDisabled: it is not off.
    """
    row = lock_connection(connection=connection)
    if row.disabled_at is None:
        raise NotDisabled()
    return _switch(row, None, "connection.enabled", by, reason)


def reset_connection(*, connection: Connection, by: str, now: datetime) -> AccountDescription:
    """Forget the failures counted so far and that the account is left alone, and ask it afresh.

    :raises NotConnected: it was disconnected, or never connected.
    :raises CredentialsRefused, RequestRefused, ProcessorNotReached, AnswerLost: as
        `check_connection`; it is counted as the first failure.
    """
    row = _forget_failures(connection, by)
    forget(row.get_access())
    return check_connection(connection=row, by=by, now=now)


def update_connection_health(
    *, now: datetime, on_progress: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Ask the account of every live connection, whatever came of the others.

    Tells `on_progress` after each chunk; returns how many answered, and how many did not in which
    state they are now.
    """
    figures = {"answered": 0, "failed": 0}
    for chunk in _list_chunks():
        for connection in chunk:
            figures["answered" if _check(connection, now) else "failed"] += 1
        on_progress(figures)
    return figures


def probe_failing_connections(*, now: datetime) -> int:
    """Ask the accounts in error whether they answer again. Returns how many do."""
    failing = Connection.objects.filter(
        state=ConnectionState.ERROR, environment=settings.ENVIRONMENT
    )
    return sum(
        _check(connection, now) for connection in failing.order_by("last_checked_at")[:CHUNK]
    )


def _switch(
    row: Connection, disabled_at: datetime | None, action: str, by: str, reason: str
) -> Connection:
    before, row.disabled_at = row.disabled_at, disabled_at
    row.save(update_fields=["disabled_at"])
    record_audit(
        subject=row.public_id,
        action=action,
        by=by,
        reason=reason,
        before={"disabled_at": before and before.isoformat()},
        after={"disabled_at": disabled_at and disabled_at.isoformat()},
    )
    renew_routing(connection=row)
    return row


@transaction.atomic
def _forget_failures(connection: Connection, by: str) -> Connection:
    row = lock_connection(connection=connection)
    before = {"error_count": row.error_count, "last_error": row.last_error}
    row.error_count, row.last_error = 0, ""
    row.save(update_fields=["error_count", "last_error"])
    record_audit(subject=row.public_id, action="connection.reset", by=by, before=before)
    return row


def _list_chunks() -> Iterator[list[Connection]]:
    last = 0
    live = Connection.objects.alive().in_environment(settings.ENVIRONMENT).order_by("pk")
    while chunk := list(live.filter(pk__gt=last)[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


def _check(connection: Connection, now: datetime) -> bool:
    try:
        check_connection(connection=connection, by=BY, now=now)
    except DomainError:
        return False  # counted and kept on the connection
    return True
