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

from ..contract import AccountAccess, AccountChecks, AccountDescription
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
    """An account that has just answered, with the credentials that opened it."""

    access: AccountAccess
    description: AccountDescription


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
    description = get_adapter(access, AccountChecks).describe_account()
    if account_id and description.account_id != account_id:
        raise OtherAccount(expected=account_id, found=description.account_id)
    return ProvenAccount(access=access, description=description)


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
    _fill_in(known, proven, now)
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
    _fill_in(row, proven, now)
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
    _fill_in(connection, proven, now)
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


def _fill_in(connection: Connection, proven: ProvenAccount, now: datetime) -> None:
    description = proven.description
    schedule = get_fee_schedule(connection.processor, at=now)
    connection.currencies = list(description.currencies)
    connection.abilities = list(description.abilities)
    connection.details = dict(description.details)
    connection.fee_percent = schedule.percent
    connection.fee_fixed_minor = schedule.fixed_minor
    connection.last_checked_at = now
    connection.last_error, connection.error_count = "", 0
    connection.seal_credentials(proven.access.credentials)


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
