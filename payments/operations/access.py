"""OAuth access: renewed before it expires, given back at disconnection, taken away by others."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.database.advisory_locks import held_lock
from bookedbarber.foundation.errors import Conflict, DomainError
from bookedbarber.foundation.transitions import move
from processors.contract import Grant
from processors.errors import ApplicationRefused, CredentialsRefused, RequestRefused
from processors.models import Connection
from processors.operations.accounts import OtherAccount, keep_grant, prove_connection
from processors.registry import get_application
from processors.states import NO_ACCOUNT_STATES, ConnectionState

from .connection_states import count_error, expire_connection, lock_connection, renew_routing

MOST_AT_ONCE = 50


class NotAuthorized(Conflict):
    """This connection was not made by OAuth: only its owner can renew its credentials."""


def refresh_access(*, connection: Connection, by: str, now: datetime) -> Connection:
    """Renew the access of an OAuth connection; of several at once one does, and all return it.

    `connection` is the row with the credentials that are used up: where others are stored by now,
    nobody is asked. Returns the row as it is then.

    :raises NotAuthorized: it was made by pasted credentials, or is disconnected.
    :raises RequestRefused, CredentialsRefused: the access was taken away; the connection is
        `expired` now, with the reason.
    :raises ApplicationRefused, ProcessorNotReached, AnswerLost: counted as an error.
    """
    used_up = bytes(connection.sealed_credentials)
    with held_lock(f"access:{connection.pk}"):
        row = Connection.objects.get(pk=connection.pk)
        if bytes(row.sealed_credentials) != used_up:
            return row
        if not row.is_authorized or not Connection.objects.alive().filter(pk=row.pk).exists():
            raise NotAuthorized(state=row.state)
        grant = _ask_for_access(row, by, now)
        return _keep(row, grant, by, now)


def refresh_due_access(*, now: datetime) -> dict[str, int]:
    """Renew what has lived half its life. One failure does not stop the others; it is tried again
    after OAUTH_RETRY_SECONDS. Returns how many were renewed and how many failed."""
    due = Connection.objects.refreshable(now=now).in_environment(settings.ENVIRONMENT)
    return _do_each(list(due.order_by("refresh_at")[:MOST_AT_ONCE]), _refresh_one, now)


def revoke_access(*, connection: Connection, by: str, now: datetime) -> bool:
    """Give a disconnected account's access back at the processor. Again is no failure.

    False: the processor did not take it; it is tried again after OAUTH_RETRY_SECONDS.
    """
    with held_lock(f"access:{connection.pk}"):
        row = Connection.objects.get(pk=connection.pk)
        if row.revoke_at is None or row.state != ConnectionState.DISCONNECTED:
            return True
        try:
            application = get_application(row.processor)
            application.revoke(row.account_id, row.get_access().credentials)
        except DomainError as error:
            _postpone_revocation(row, error, now)
            return False
        _note_revoked(row, by)
        return True


def revoke_due_access(*, now: datetime) -> dict[str, int]:
    """Give back what could not be given back at once. Returns how many were and were not."""
    due = Connection.objects.filter(
        revoke_at__lte=now, state=ConnectionState.DISCONNECTED, environment=settings.ENVIRONMENT
    )
    return _do_each(list(due.order_by("revoke_at")[:MOST_AT_ONCE]), _revoke_one, now)


@transaction.atomic
def mark_revoked(
    *,
    connection: Connection,
    reason: str,
    by: str,
    now: datetime,
    occurred_at: datetime | None = None,
) -> Connection:
    """Its owner or the processor took our access away: disconnected, with the reason.

    Again is no failure; what happened before the account was connected the last time changes
    nothing.
    """
    row = lock_connection(connection=connection)
    is_old = occurred_at is not None and occurred_at < row.connected_at
    if is_old or row.state in {ConnectionState.DISCONNECTED, *NO_ACCOUNT_STATES}:
        return row
    changes = {"last_error": reason, "last_checked_at": now, "refresh_at": None, "revoke_at": None}
    move(row, ConnectionState.DISCONNECTED, by=by, reason=reason, **changes)
    renew_routing(connection=row)
    return row


def _ask_for_access(row: Connection, by: str, now: datetime) -> Grant:
    try:
        grant = get_application(row.processor).refresh(row.get_access().credentials)
        if grant.account_id != row.account_id:
            raise OtherAccount(expected=row.account_id, found=grant.account_id)
    except ApplicationRefused as error:
        # Ours to mend: the accounts of all barbers would expire with it.
        count_error(connection=row, why=error.message, by=by, now=now)
        raise
    except (RequestRefused, OtherAccount) as error:
        expire_connection(connection=row, why=_explain(error), by=by, now=now)
        raise
    except CredentialsRefused as error:
        _expire_if_dead(row, error, by, now)
        raise
    except DomainError as error:
        count_error(connection=row, why=error.message, by=by, now=now)
        raise
    return grant


def _expire_if_dead(row: Connection, error: CredentialsRefused, by: str, now: datetime) -> None:
    """The processor does not say whose fault it is: the access that we still have tells."""
    try:
        prove_connection(connection=row)
    except CredentialsRefused:
        expire_connection(connection=row, why=_explain(error), by=by, now=now)
    except DomainError as unproven:
        count_error(connection=row, why=unproven.message, by=by, now=now)
    else:
        count_error(connection=row, why=_explain(error), by=by, now=now)


def _explain(error: DomainError) -> str:
    return f"The access could not be renewed: {error.message}"


@transaction.atomic
def _keep(connection: Connection, grant: Grant, by: str, now: datetime) -> Connection:
    row = lock_connection(connection=connection)
    if bytes(row.sealed_credentials) != bytes(connection.sealed_credentials):
        return row  # the owner authorized us afresh meanwhile
    keep_grant(connection=row, grant=grant, now=now)
    row.save(update_fields=["sealed_credentials", "token_expires_at", "refresh_at"])
    record_audit(subject=row.public_id, action="connection.access_renewed", by=by)
    return row


def _do_each(
    rows: list[Connection], act: Callable[[Connection, datetime], bool], now: datetime
) -> dict[str, int]:
    done = sum(act(row, now) for row in rows)
    return {"done": done, "failed": len(rows) - done}


def _refresh_one(row: Connection, now: datetime) -> bool:
    try:
        refresh_access(connection=row, by="job:payments.refresh_access", now=now)
    except DomainError:
        later = now + timedelta(seconds=settings.OAUTH_RETRY_SECONDS)
        Connection.objects.filter(pk=row.pk, refresh_at__lte=now).update(refresh_at=later)
        return False
    return True


def _revoke_one(row: Connection, now: datetime) -> bool:
    return revoke_access(connection=row, by="job:payments.refresh_access", now=now)


def _postpone_revocation(row: Connection, error: DomainError, now: datetime) -> None:
    later = now + timedelta(seconds=settings.OAUTH_RETRY_SECONDS)
    why = f"The access could not be given back: {error.message}"
    Connection.objects.filter(pk=row.pk, revoke_at__isnull=False).update(
        revoke_at=later, last_error=why
    )


@transaction.atomic
def _note_revoked(row: Connection, by: str) -> None:
    if Connection.objects.filter(pk=row.pk, revoke_at__isnull=False).update(
        revoke_at=None, last_error=""
    ):
        record_audit(subject=row.public_id, action="connection.access_given_back", by=by)
