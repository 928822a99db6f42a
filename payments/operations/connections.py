"""Connecting accounts: a live call first, then one transaction that also renews the routing."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.errors import Conflict, OutcomeUnknown, Refused, Unavailable
from bookedbarber.foundation.transitions import move
from processors.contract import AccountDescription
from processors.errors import (
    AnswerLost,
    CredentialsRefused,
    ProcessorNotReached,
    RequestRefused,
)
from processors.models import PLATFORM_OWNER_ID, Connection
from processors.operations.accounts import (
    OtherAccount,
    Owner,
    ProvenAccount,
    prove_account,
    prove_connection,
    renew_connection,
    store_connection,
)
from processors.operations.webhook_doors import add_webhook_secret
from processors.states import NO_ACCOUNT_STATES, ConnectionRole, ConnectionState
from processors.transport import AccountLeftAlone

from .access import refresh_access, revoke_access
from .connection_states import count_error, expire_connection, lock_connection, renew_routing


class NotConnected(Conflict):
    """The connection is not connected."""


class NoCredentials(Conflict):
    """This account is only paid out to and has no credentials of its own."""


class NotThePlatforms(Refused):
    """The configured secret key belongs to another account than the configured one."""


def connect_account(
    *,
    barber: Barber,
    processor: str,
    credentials: Mapping[str, str],
    by: str,
    now: datetime,
    account_id: str = "",
    name: str = "",
    webhook_secret: str = "",
) -> Connection:
    """Connect a barber's own account; nothing is stored unless the live call succeeds.

    With `webhook_secret`, events signed with it are accepted at the connection's address.

    :raises UnknownProcessor, CredentialsIncomplete: what is missing or not known, by name.
    :raises OtherAccount: the credentials open another account than `account_id`.
    :raises AccountAlreadyConnected: it is connected, here or to somebody else.
    :raises SecretNotUsable: `webhook_secret` cannot be one.
    :raises CredentialsRefused, RequestRefused, ProcessorNotReached, AnswerLost: the live call.
    """
    proven = prove_account(processor=processor, credentials=credentials, account_id=account_id)
    owner = Owner(id=barber.pk, role=ConnectionRole.BARBER)
    with transaction.atomic():
        connection = _store(proven, owner, name, by, now)
        if webhook_secret:
            add_webhook_secret(connection=connection, secret=webhook_secret, by=by, now=now)
    return connection


def connect_platform(*, by: str, now: datetime) -> Connection:
    """Make the platform's connection from the settings, or renew its credentials. Repeatable.

    :raises NotThePlatforms: STRIPE_SECRET_KEY does not open STRIPE_ACCOUNT_ID.
    :raises CredentialsRefused, RequestRefused, ProcessorNotReached, AnswerLost: the live call.
    """
    try:
        proven = prove_account(
            processor="stripe",
            credentials={"secret_key": settings.STRIPE_SECRET_KEY},
            account_id=settings.STRIPE_ACCOUNT_ID,
        )
    except OtherAccount as error:
        raise NotThePlatforms(accounts=error.details) from error
    known = Connection.objects.filter(
        processor="stripe",
        environment=settings.ENVIRONMENT,
        account_id=proven.description.account_id,
        state=ConnectionState.CONNECTED,
    ).first()
    if known is not None:
        return _renew(known, proven, None, by, now)
    owner = Owner(id=PLATFORM_OWNER_ID, role=ConnectionRole.PLATFORM)
    return _store(proven, owner, "BookedBarber platform", by, now)


def change_connection(
    *,
    connection: Connection,
    by: str,
    now: datetime,
    credentials: Mapping[str, str] | None = None,
    name: str | None = None,
) -> Connection:
    """Rename a connection, or give it fresh credentials of the same account, proven first.

    :raises CredentialsIncomplete, OtherAccount: as `connect_account`.
    :raises CredentialsRefused, RequestRefused, ProcessorNotReached, AnswerLost: the live call.
    """
    if credentials is None:
        return _rename(connection, name, by)
    proven = prove_account(
        processor=connection.processor,
        credentials=credentials,
        account_id=connection.account_id,
    )
    return _renew(connection, proven, name, by, now)


def check_connection(*, connection: Connection, by: str, now: datetime) -> AccountDescription:
    """Ask the processor with the stored credentials, and bring the connection to the answer.

    OAuth access that is refused is renewed once, and the processor asked again.

    :raises NotConnected: it was disconnected, or never connected.
    :raises NoCredentials: it is only paid out to.
    :raises CredentialsRefused: the connection is now `expired`.
    :raises RequestRefused, ProcessorNotReached, AnswerLost: the live call; counted as an error.
    """
    if connection.state in {ConnectionState.DISCONNECTED, *NO_ACCOUNT_STATES}:
        raise NotConnected(state=connection.state)
    if connection.role == ConnectionRole.PAYOUT_DESTINATION:
        raise NoCredentials(role=connection.role)
    proven = _prove_or_renew(connection, by, now)
    _renew(connection, proven, None, by, now)
    return proven.description


def confirm_refusal(*, connection: Connection, by: str, now: datetime) -> None:
    """Ask once more after a processor refused an account's credentials, or did not answer a sale.

    Only a second refusal makes the connection `expired`; a second silence counts as a failure, and
    an answer ends the row of those.
    """
    with suppress(NotConnected, NoCredentials, Refused, OutcomeUnknown, Unavailable):
        check_connection(connection=connection, by=by, now=now)


def disconnect_account(*, connection: Connection, by: str, reason: str = "") -> Connection:
    """Take no more payments on a connection. Its row, debts, refunds and disputes go on.

    Access that was given by OAuth is given back at the processor: at once, else by a job.

    :raises NotConnected: it is disconnected already, or was never connected.
    """
    row = _disconnect(connection, by, reason)
    if row.revoke_at is not None:
        revoke_access(connection=row, by=by, now=row.revoke_at)
        row.refresh_from_db()
    return row


@transaction.atomic
def _disconnect(connection: Connection, by: str, reason: str) -> Connection:
    row = lock_connection(connection=connection)
    if row.state in {ConnectionState.DISCONNECTED, *NO_ACCOUNT_STATES}:
        raise NotConnected(state=row.state)
    # What has expired may have been taken away, and may not: giving it back again is no failure.
    revoke_at = timezone.now() if row.is_authorized else None
    move(
        row,
        ConnectionState.DISCONNECTED,
        by=by,
        reason=reason,
        revoke_at=revoke_at,
        refresh_at=None,
    )
    renew_routing(connection=row)
    return row


def _prove_or_renew(connection: Connection, by: str, now: datetime) -> ProvenAccount:
    try:
        return _prove(connection, by, now)
    except CredentialsRefused as error:
        if not connection.is_authorized:
            expire_connection(connection=connection, why=error.message, by=by, now=now)
            raise
    # Its own failures are counted there.
    renewed = refresh_access(connection=connection, by=by, now=now)
    try:
        return _prove(renewed, by, now)
    except CredentialsRefused as error:
        expire_connection(connection=connection, why=error.message, by=by, now=now)
        raise


def _prove(connection: Connection, by: str, now: datetime) -> ProvenAccount:
    try:
        return prove_connection(connection=connection)
    except AccountLeftAlone:
        raise  # nobody was asked
    except (RequestRefused, ProcessorNotReached, AnswerLost) as error:
        count_error(connection=connection, why=error.message, by=by, now=now)
        raise


@transaction.atomic
def _store(proven: ProvenAccount, owner: Owner, name: str, by: str, now: datetime) -> Connection:
    connection = store_connection(proven=proven, owner=owner, name=name, now=now, by=by)
    renew_routing(connection=connection)
    return connection


@transaction.atomic
def _renew(
    connection: Connection, proven: ProvenAccount, name: str | None, by: str, now: datetime
) -> Connection:
    row = renew_connection(connection=connection, proven=proven, name=name, now=now, by=by)
    renew_routing(connection=row)
    return row


@transaction.atomic
def _rename(connection: Connection, name: str | None, by: str) -> Connection:
    row = lock_connection(connection=connection)
    before, row.name = row.name, name or row.name
    row.save(update_fields=["name"])
    record_audit(
        subject=row.public_id,
        action="connection.renamed",
        by=by,
        before={"name": before},
        after={"name": row.name},
    )
    renew_routing(connection=row)
    return row
