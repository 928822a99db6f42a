"""Telling a processor afresh where its events are to go."""

from dataclasses import dataclass
from datetime import datetime
from logging import getLogger

from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.errors import Conflict, DomainError
from bookedbarber.foundation.ids import new_public_id

from ..contract import AccountAccess, WebhookRegistration, WebhookRegistrations
from ..models import Connection, WebhookDoor
from ..queries.webhook_doors import get_address
from ..registry import get_adapter, get_application
from ..states import NO_ACCOUNT_STATES, ConnectionState
from .webhook_doors import add_application_secret, add_webhook_secret, retire_old_secrets

log = getLogger("processors.webhooks")

# The secret just added and the one before it: what is on its way is still signed with that.
MOST_SECRETS_KEPT = 2


class NotConnected(Conflict):
    """The connection is not connected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecreatedWebhook:
    """What came of it. `is_application`: it serves all accounts connected by OAuth, not this one
    alone. `removed` and `left` count older registrations of the same address."""

    address: str
    is_application: bool
    removed: int
    left: int

    @property
    def explanation(self) -> str:
        whose = (
            "the application's webhook, which serves all accounts connected by OAuth"
            if self.is_application
            else "the account's own webhook"
        )
        left = f"; {self.left} older could not be removed" if self.left else ""
        return f"This is {whose}: {self.address}{left}"


def recreate_webhook(*, connection: Connection, by: str, now: datetime) -> RecreatedWebhook:
    """Register the address of a connection's events at its processor, and accept its new secret.

    An OAuth connection has its application's address. The new one works before the old one goes:
    where anything fails, what was there stays as it was. Repeatable: what an interrupted attempt
    left at the processor is removed by the next.

    :raises NotConnected: the connection's account is not ours to speak for.
    :raises AbilityNotSupported: this processor registers no webhooks.
    :raises CredentialsRefused, RequestRefused, ProcessorNotReached, AnswerLost: nothing changed.
    """
    if connection.state in {ConnectionState.DISCONNECTED, *NO_ACCOUNT_STATES}:
        raise NotConnected(state=connection.state)
    is_application = connection.is_authorized
    registrations = get_adapter(_get_access(connection), WebhookRegistrations)
    address = get_address(connection.processor, None if is_application else connection.pk)
    old = registrations.list_webhooks(address)
    made = registrations.register_webhook(
        address, reference=new_public_id("whk"), for_application=is_application
    )
    _accept(connection, made, registrations, by, now)
    removed = sum(_remove(registrations, external_id) for external_id in old)
    return RecreatedWebhook(
        address=address,
        is_application=is_application,
        removed=removed,
        left=len(old) - removed,
    )


def _get_access(connection: Connection) -> AccountAccess:
    if connection.is_authorized:
        return get_application(connection.processor).get_own_access()
    return connection.get_access()


def _accept(
    connection: Connection,
    made: WebhookRegistration,
    registrations: WebhookRegistrations,
    by: str,
    now: datetime,
) -> None:
    """Keep the secret; where that fails, nobody could verify what the new address is sent."""
    try:
        _make_room(connection, by)
        door = _add_secret(connection, made.secret, by, now)
    except Exception:
        _remove(registrations, made.external_id)
        raise
    record_audit(
        subject=door.subject,
        action="webhook_door.registered",
        by=by,
        after={"address": made.url, "external_id": made.external_id},
    )


def _add_secret(connection: Connection, secret: str, by: str, now: datetime) -> WebhookDoor:
    if connection.is_authorized:
        return add_application_secret(processor=connection.processor, secret=secret, by=by, now=now)
    return add_webhook_secret(connection=connection, secret=secret, by=by, now=now)


def _make_room(connection: Connection, by: str) -> None:
    door = WebhookDoor.objects.filter(
        processor=connection.processor,
        environment=connection.environment,
        connection=None if connection.is_authorized else connection,
    ).first()
    if door is not None and len(door.get_secrets()) >= MOST_SECRETS_KEPT:
        retire_old_secrets(door=door, by=by)


def _remove(registrations: WebhookRegistrations, external_id: str) -> bool:
    """The new one works already: an old one that stays only says everything twice."""
    try:
        registrations.remove_webhook(external_id)
    except DomainError as error:
        log.warning("The webhook %s could not be removed: %s", external_id, error)
        return False
    return True
