"""Connections and the live call that proves them.

These are the steps; `payments.operations.connections` joins them to a barber's routing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError

from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.errors import Conflict, Invalid
from bookedbarber.foundation.transitions import move

from ..contract import AccountAccess, AccountChecks, AccountDescription, Grant
from ..models import Connection
from ..queries.fee_schedules import get_fee_schedule
from ..registry import get_adapter, get_credential_fields, is_known
from ..states import ConnectionRole, ConnectionState


class UnknownProcessor(Invalid):
    """This processor is not supported."""


class CredentialsIncomplete(Invalid):
    """Credentials are missing or not known."""


class AccountAlreadyConnected(Conflict):
    """This processor account is already connected."""


class OtherAccount(Conflict):
    """These credentials belong to another processor account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose account it is, and as what."""

    id: int
    role: ConnectionRole


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenAccount:
    """An account that has just answered, with the credentials that opened it.

    `grant` is there when they came by OAuth just now; `is_stored` when they were the connection's
    own already, and may have been renewed while the account was asked.
    """

    access: AccountAccess
    description: AccountDescription
    grant: Grant | None = None
    is_stored: bool = False


def prove_account(
    *, processor: str, credentials: Mapping[str, str], account_id: str = ""
) -> ProvenAccount:
    """Ask the processor who these credentials belong to. Stores nothing.

    :raises UnknownProcessor: there is no such adapter.
    :raises CredentialsIncomplete: names the missing and the unknown fields.
    :raises OtherAccount: `account_id` was given and the processor names another.
    :raises CredentialsRefused, RequestRefused, ProcessorNotReached, AnswerLost: as the call ends.
    """
    if not is_known(processor):
        raise UnknownProcessor(processor_type=processor)
    _check_fields(processor, credentials)
    access = AccountAccess(
        processor=processor,
        environment=settings.ENVIRONMENT,
        account_id=account_id,
        credentials=dict(credentials),
    )
    return ProvenAccount(access=access, description=_describe(access))


def prove_connection(*, connection: Connection) -> ProvenAccount:
    """Ask the processor with the connection's own credentials. Stores nothing.

    :raises OtherAccount: they open another account by now.
    :raises CredentialsRefused, RequestRefused, ProcessorNotReached, AnswerLost: as the call ends.
    """
    access = connection.get_access()
    return ProvenAccount(access=access, description=_describe(access), is_stored=True)


def prove_grant(*, processor: str, grant: Grant) -> ProvenAccount:
    """Ask the processor with access that an owner has just given. Stores nothing.

    :raises OtherAccount: it opens another account than the processor said.
    :raises CredentialsRefused, RequestRefused, ProcessorNotReached, AnswerLost: as the call ends.
    """
    access = AccountAccess(
        processor=processor,
        environment=settings.ENVIRONMENT,
        account_id=grant.account_id,
        credentials=dict(grant.credentials),
    )
    return ProvenAccount(access=access, description=_describe(access), grant=grant)


def keep_grant(*, connection: Connection, grant: Grant, now: datetime) -> None:
    """Put renewed access into a row that the caller has locked and saves.

    It is renewed again at half its life.
    """
    connection.replace_credentials(grant.credentials)
    _set_life(connection, grant, now)


def store_connection(
    *,
    proven: ProvenAccount,
    owner: Owner,
    name: str,
    now: datetime,
    by: str,
) -> Connection:
    """Store a proven account, or connect the same row again. Inside the caller's transaction.

    :raises AccountAlreadyConnected: it is connected already, or belongs to somebody else.
    """
    known = (
        Connection.objects.select_for_update(of=["self"])
        .filter(
            processor=proven.access.processor,
            environment=proven.access.environment,
            account_id=proven.description.account_id,
        )
        .first()
    )
    if known is None:
        return _create(proven, owner, name, now, by)
    if known.owner_id != owner.id or known.state == ConnectionState.CONNECTED:
        raise AccountAlreadyConnected(account_id=known.account_id)
    fill_in(connection=known, proven=proven, now=now)
    known.name = name or known.name
    known.save()
    move(known, ConnectionState.CONNECTED, by=by, reason="connected again", connected_at=now)
    return known


def renew_connection(
    *, connection: Connection, proven: ProvenAccount, name: str | None, now: datetime, by: str
) -> Connection:
    """Keep what a live call has just proven of a connection. Inside the caller's transaction.

    :raises OtherAccount: they open another account than the connection's.
    """
    row = Connection.objects.select_for_update(of=["self"]).get(pk=connection.pk)
    if proven.description.account_id != row.account_id:
        raise OtherAccount(expected=row.account_id, found=proven.description.account_id)
    fill_in(connection=row, proven=proven, now=now)
    row.name = name or row.name
    row.save()
    if row.state != ConnectionState.CONNECTED:
        move(row, ConnectionState.CONNECTED, by=by, reason="the account answers")
    record_audit(subject=row.public_id, action="connection.proven", by=by)
    return row


def _create(
    proven: ProvenAccount,
    owner: Owner,
    name: str,
    now: datetime,
    by: str,
) -> Connection:
    connection = Connection(
        owner_id=owner.id,
        role=owner.role,
        processor=proven.access.processor,
        environment=proven.access.environment,
        account_id=proven.description.account_id,
        name=name or proven.description.name,
        state=ConnectionState.CONNECTED,
        connected_at=now,
        first_connected_at=now,
    )
    fill_in(connection=connection, proven=proven, now=now)
    _insert(connection)
    record_audit(
        subject=connection.public_id,
        action="connection.connected",
        by=by,
        after={"owner_id": owner.id, "account_id": connection.account_id},
    )
    return connection


def _insert(connection: Connection) -> None:
    try:
        connection.save(force_insert=True)
    except IntegrityError as error:
        if "connection_account_once" not in str(error):
            raise
        # Somebody connected it between our look and now.
        raise AccountAlreadyConnected(account_id=connection.account_id) from error


def _describe(access: AccountAccess) -> AccountDescription:
    description = get_adapter(access, AccountChecks).describe_account()
    if access.account_id and description.account_id != access.account_id:
        raise OtherAccount(expected=access.account_id, found=description.account_id)
    return description


def fill_in(*, connection: Connection, proven: ProvenAccount, now: datetime) -> None:
    """Put what a live call has proven into a row that the caller has locked and saves."""
    description = proven.description
    schedule = get_fee_schedule(connection.processor, at=now)
    connection.currencies = list(description.currencies)
    connection.abilities = list(description.abilities)
    connection.details = dict(description.details)
    connection.fee_percent = schedule.percent
    connection.fee_fixed_minor = schedule.fixed_minor
    connection.last_checked_at = now
    connection.last_error, connection.error_count = "", 0
    if not proven.is_stored:
        connection.seal_credentials(proven.access.credentials)
        connection.is_authorized = proven.grant is not None
        connection.revoke_at = None
        _set_life(connection, proven.grant, now)


def _set_life(connection: Connection, grant: Grant | None, now: datetime) -> None:
    expires_at = grant.expires_at if grant else None
    connection.token_expires_at = expires_at
    connection.refresh_at = now + (expires_at - now) / 2 if expires_at else None


def _check_fields(processor: str, credentials: Mapping[str, str]) -> None:
    fields = get_credential_fields(processor)
    required = {field.name for field in fields if field.is_required}
    missing = sorted(name for name in required if not credentials.get(name))
    unknown = sorted(set(credentials) - {field.name for field in fields})
    if missing or unknown:
        raise CredentialsIncomplete(
            f"{processor} credentials: missing {missing or 'nothing'}, unknown {unknown or 'none'}",
            missing=missing,
            unknown=unknown,
        )
