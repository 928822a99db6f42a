"""Authorizations: begun, come back from once, and made a connection.

These are the steps; `payments.operations.authorizations` joins them to a barber's routing.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.errors import Conflict, Invalid, NotAllowed
from bookedbarber.foundation.transitions import move

from ..models import AuthorizationAttempt, Connection
from ..models.authorization_attempts import digest_state
from ..queries.fee_schedules import get_fee_schedule
from ..registry import get_application
from ..states import ConnectionState
from .accounts import AccountAlreadyConnected, Owner, ProvenAccount, fill_in


class ApplicationNotConfigured(Conflict):
    """Accounts of this processor cannot be connected by OAuth here."""


class StateUnknown(Invalid):
    """state: this authorization was not begun here, or for another processor."""


class StateOfAnother(NotAllowed):
    """This authorization was begun by somebody else."""


class StateUsed(Conflict):
    """This authorization was finished before; begin another."""


class StateExpired(Conflict):
    """This authorization took too long; begin another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunAuthorization:
    """Where to send the person, and the connection that waits for the answer."""

    connection: Connection
    authorize_url: str = field(repr=False)
    expires_at: datetime


@transaction.atomic
def begin_authorization(
    *, owner: Owner, processor: str, by: str, now: datetime
) -> BegunAuthorization:
    """Make a pending connection, and a state that is good for one return of this person.

    :raises UnknownProcessor: there is no such processor.
    :raises ApplicationNotConfigured: our application there has no id or no secret.
    """
    application = get_application(processor)
    if not application.is_configured:
        raise ApplicationNotConfigured(processor=processor)
    state = secrets.token_urlsafe(32)
    redirect_url = settings.OAUTH_REDIRECT_URL.replace("{processor}", processor)
    connection = _create_pending(owner, processor, now)
    attempt = AuthorizationAttempt.objects.create(
        connection=connection,
        state_digest=digest_state(state),
        started_by=by,
        redirect_url=redirect_url,
        created_at=now,
        expires_at=now + timedelta(seconds=settings.OAUTH_STATE_SECONDS),
    )
    record_audit(subject=connection.public_id, action="connection.authorization_begun", by=by)
    return BegunAuthorization(
        connection=connection,
        authorize_url=application.get_authorize_url(state=state, redirect_url=redirect_url),
        expires_at=attempt.expires_at,
    )


@transaction.atomic
def redeem_state(*, processor: str, state: str, by: str, now: datetime) -> AuthorizationAttempt:
    """Use the state of a person who came back; nobody can use it again.

    :raises StateUnknown: it was not begun here, or for another processor.
    :raises StateOfAnother: somebody else began it; it stays good for that person.
    :raises StateUsed, StateExpired: it is good no more.
    """
    attempt = (
        AuthorizationAttempt.objects.select_for_update(of=["self"])
        .select_related("connection")
        .filter(state_digest=digest_state(state), connection__processor=processor)
        .first()
    )
    if attempt is None:
        raise StateUnknown(field="state")
    if attempt.started_by != by:
        raise StateOfAnother()
    if attempt.used_at is not None:
        raise StateUsed(used_at=attempt.used_at.isoformat())
    if attempt.expires_at <= now or attempt.connection.state != ConnectionState.PENDING:
        raise StateExpired(expired_at=attempt.expires_at.isoformat())
    attempt.used_at = now
    attempt.save(update_fields=["used_at"])
    return attempt


def store_authorized(
    *, pending: Connection, proven: ProvenAccount, by: str, now: datetime
) -> Connection:
    """Make a proven account of a pending connection, or of the row that the account has already.

    Inside the caller's transaction.

    :raises AccountAlreadyConnected: the account is somebody else's.
    """
    pending = Connection.objects.select_for_update(of=["self"]).get(pk=pending.pk)
    known = _lock_known(proven) or _insert(pending, proven, now)
    if known is not None:
        return _connect_known(known, pending, proven, by, now)
    move(pending, ConnectionState.CONNECTED, by=by, reason="its owner authorized us")
    _record(pending, by)
    return pending


@transaction.atomic
def remove_pending(*, connection: Connection, by: str, reason: str) -> None:
    """Leave a pending connection that came to nothing. Again is no failure."""
    row = Connection.objects.select_for_update(of=["self"]).get(pk=connection.pk)
    if row.state == ConnectionState.PENDING:
        move(row, ConnectionState.REMOVED, by=by, reason=reason)


def _create_pending(owner: Owner, processor: str, now: datetime) -> Connection:
    schedule = get_fee_schedule(processor, at=now)
    connection = Connection(
        owner_id=owner.id,
        role=owner.role,
        processor=processor,
        environment=settings.ENVIRONMENT,
        name=f"{processor.title()} account",
        state=ConnectionState.PENDING,
        connected_at=now,
        first_connected_at=now,
        currencies=[],
        abilities=[],
        fee_percent=schedule.percent,
        fee_fixed_minor=schedule.fixed_minor,
        is_authorized=True,
    )
    # Which account it will be is the owner's choice; no processor names one like this.
    connection.account_id = f"pending:{connection.public_id}"
    connection.seal_credentials({})
    connection.save(force_insert=True)
    return connection


def _lock_known(proven: ProvenAccount) -> Connection | None:
    return (
        Connection.objects.select_for_update(of=["self"])
        .filter(
            processor=proven.access.processor,
            environment=proven.access.environment,
            account_id=proven.description.account_id,
        )
        .first()
    )


def _insert(pending: Connection, proven: ProvenAccount, now: datetime) -> Connection | None:
    """Give the pending row its account; None unless another row got it just before."""
    waiting_for = pending.account_id
    pending.account_id = proven.description.account_id
    pending.name = proven.description.name
    pending.connected_at = pending.first_connected_at = now
    fill_in(connection=pending, proven=proven, now=now)
    try:
        with transaction.atomic():
            pending.save()
    except IntegrityError as error:
        if "connection_account_once" not in str(error):
            raise
        pending.account_id = waiting_for
        return _lock_known(proven)
    return None


def _connect_known(
    known: Connection, pending: Connection, proven: ProvenAccount, by: str, now: datetime
) -> Connection:
    if known.owner_id != pending.owner_id:
        raise AccountAlreadyConnected(account_id=known.account_id)
    fill_in(connection=known, proven=proven, now=now)
    known.save()
    if known.state != ConnectionState.CONNECTED:
        move(known, ConnectionState.CONNECTED, by=by, reason="connected again", connected_at=now)
    move(pending, ConnectionState.REMOVED, by=by, reason=f"the account is {known.public_id}")
    _record(known, by)
    return known


def _record(connection: Connection, by: str) -> None:
    record_audit(
        subject=connection.public_id,
        action="connection.authorized",
        by=by,
        after={"owner_id": connection.owner_id, "account_id": connection.account_id},
    )
