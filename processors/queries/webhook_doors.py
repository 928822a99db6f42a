"""The addresses at which processors tell us of events, and what of them may be told."""

import time
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings

from bookedbarber.foundation.errors import Missing

from ..models import Connection, WebhookDoor, WebhookEvent
from ..registry import is_known

PATH = "/api/v1/webhooks"


class NoSuchDoor(Missing):
    """There is no such webhook address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDoor:
    """An address, and the secrets that sign what comes there, newest first.

    `id` is None while nothing about it is stored.
    """

    id: int | None
    processor: str
    connection_id: int | None
    address: str
    secrets: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorStatus:
    """What everybody may know of an address."""

    processor: str
    is_configured: bool
    last_event_at: datetime | None


_kept: dict[tuple[str, int | None], tuple[float, OpenDoor]] = {}


def get_open_door(
    processor: str, connection_id: int | None, *, may_be_kept: bool = True
) -> OpenDoor:
    """Return the address of a connection's events, or of the processor's application.

    A process goes on for `WEBHOOK_SECRETS_SECONDS` with what it has read, unless it must not.

    :raises NoSuchDoor: no such processor, or no connection of that id there.
    """
    key = (processor, connection_id)
    kept = _kept.get(key)
    if may_be_kept and kept is not None and kept[0] > time.monotonic():
        return kept[1]
    door = _read(processor, connection_id)
    _kept[key] = (time.monotonic() + settings.WEBHOOK_SECRETS_SECONDS, door)
    return door


def forget_kept_doors() -> None:
    """Read secrets afresh from now on, in this process."""
    _kept.clear()


def get_address(processor: str, connection_id: int | None) -> str:
    """Return the address as the processor has it, and as Square signs it."""
    own = f"/{connection_id}" if connection_id is not None else ""
    return f"{settings.PUBLIC_URL}{PATH}/{processor}{own}"


def get_door_status(processor: str, connection_id: int | None) -> DoorStatus:
    """
    :raises NoSuchDoor: no such processor, or no connection of that id there.
    """
    door = get_open_door(processor, connection_id, may_be_kept=False)
    return DoorStatus(
        processor=processor,
        is_configured=bool(door.secrets),
        last_event_at=_find_last_event_at(door),
    )


def _read(processor: str, connection_id: int | None) -> OpenDoor:
    if not is_known(processor):
        raise NoSuchDoor(processor=processor)
    if connection_id is not None:
        _check_connection(processor, connection_id)
    row = WebhookDoor.objects.at(processor, settings.ENVIRONMENT, connection_id).first()
    stored = row.get_secrets() if row is not None else ()
    configured = settings.WEBHOOK_APPLICATION_SECRETS[processor] if connection_id is None else ()
    return OpenDoor(
        id=None if row is None else row.pk,
        processor=processor,
        connection_id=connection_id,
        address=get_address(processor, connection_id),
        secrets=tuple(dict.fromkeys([*stored, *configured])),
    )


def _check_connection(processor: str, connection_id: int) -> None:
    known = Connection.objects.in_environment(settings.ENVIRONMENT)
    if not known.filter(pk=connection_id, processor=processor).exists():
        raise NoSuchDoor(processor=processor, connection_id=connection_id)


def _find_last_event_at(door: OpenDoor) -> datetime | None:
    last = WebhookEvent.objects.filter(door_id=door.id).order_by("-pk")
    return last.values_list("received_at", flat=True).first()
