"""Opening and closing the addresses at which processors tell us of events."""

import re
from datetime import datetime

from django.conf import settings
from django.db import connection as database
from django.db import transaction

from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.errors import Conflict, Invalid

from ..models import Connection, WebhookDoor
from ..queries.webhook_doors import OpenDoor, forget_kept_doors

MOST_SECRETS = 5
_SECRET = re.compile(r"[!-~]{8,200}")

_OPEN = """
INSERT INTO processors_webhookdoor
  (processor, environment, connection_id, refused_count, last_refusal)
VALUES (%(processor)s, %(environment)s, %(connection_id)s, 0, '')
ON CONFLICT DO NOTHING
"""

_COUNT = """
UPDATE processors_webhookdoor
SET refused_count = refused_count + 1, last_refused_at = %(now)s, last_refusal = %(why)s
WHERE processor = %(processor)s AND environment = %(environment)s
  AND connection_id IS NOT DISTINCT FROM %(connection_id)s
"""


class SecretNotUsable(Invalid):
    """secret: 8 to 200 printable characters without spaces."""


class TooManySecrets(Conflict):
    """Retire the old secrets before adding another."""


class NoSecret(Conflict):
    """There is no webhook secret."""


@transaction.atomic
def add_webhook_secret(
    *, connection: Connection, secret: str, by: str, now: datetime
) -> WebhookDoor:
    """Accept events signed with `secret`, beside those signed with the secrets before it.

    Adding one again makes it the newest.

    :raises SecretNotUsable: it cannot be one.
    :raises TooManySecrets: five are in use.
    """
    return _add(connection.processor, connection.pk, secret, by, now)


@transaction.atomic
def add_application_secret(*, processor: str, secret: str, by: str, now: datetime) -> WebhookDoor:
    """As `add_webhook_secret`, for the address of an OAuth application.

    :raises SecretNotUsable, TooManySecrets: as there.
    """
    return _add(processor, None, secret, by, now)


@transaction.atomic
def retire_old_secrets(*, door: WebhookDoor, by: str) -> WebhookDoor:
    """Accept only the newest secret from now on; web processes follow within seconds.

    :raises NoSecret: there is none.
    """
    row = WebhookDoor.objects.select_for_update().get(pk=door.pk)
    secrets = row.get_secrets()
    if not secrets:
        raise NoSecret(door=str(row))
    _keep(row, secrets[:1], "webhook_door.old_secrets_retired", by)
    return row


def count_refusal(*, door: OpenDoor, why: str, now: datetime) -> None:
    """Count a request that was not genuine, where operators see it. Nothing else is kept of it."""
    known = {
        "processor": door.processor,
        "environment": settings.ENVIRONMENT,
        "connection_id": door.connection_id,
    }
    with database.cursor() as cursor:
        if door.id is None:
            cursor.execute(_OPEN, known)
        cursor.execute(_COUNT, known | {"why": why, "now": now})


def is_usable_secret(secret: object) -> bool:
    """Say whether it can be a signing secret: 8 to 200 visible ASCII characters."""
    return isinstance(secret, str) and _SECRET.fullmatch(secret) is not None


def _add(
    processor: str, connection_id: int | None, secret: str, by: str, now: datetime
) -> WebhookDoor:
    if not is_usable_secret(secret):
        raise SecretNotUsable(field="secret")
    row = _open(processor, connection_id)
    secrets = (secret, *(known for known in row.get_secrets() if known != secret))
    if len(secrets) > MOST_SECRETS:
        raise TooManySecrets(most=MOST_SECRETS)
    row.secret_added_at = now
    _keep(row, secrets, "webhook_door.secret_added", by)
    return row


def _open(processor: str, connection_id: int | None) -> WebhookDoor:
    """The door's row, locked; made if there is none."""
    environment = settings.ENVIRONMENT
    with database.cursor() as cursor:
        known = {"processor": processor, "environment": environment}
        cursor.execute(_OPEN, known | {"connection_id": connection_id})
    doors = WebhookDoor.objects.at(processor, environment, connection_id)
    return doors.select_for_update().get()


def _keep(row: WebhookDoor, secrets: tuple[str, ...], action: str, by: str) -> None:
    row.seal_secrets(secrets)
    row.save(update_fields=["sealed_secrets", "secret_added_at"])
    record_audit(subject=row.subject, action=action, by=by, after={"secrets": len(secrets)})
    transaction.on_commit(forget_kept_doors)
