"""Putting every stored credential and webhook secret under the first key of ENCRYPTION_KEY."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.db import models, transaction

from bookedbarber.foundation import encryption
from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.encryption import CannotDecrypt

from ..models import Connection, WebhookDoor

CHUNK = 100


@dataclass(frozen=True, slots=True)
class _Kind:
    """Rows that hold something sealed."""

    model: type[models.Model]
    column: str
    reseal: Callable[[Any], bool]
    action: str


_KINDS = (
    _Kind(Connection, "sealed_credentials", Connection.reseal_credentials, "connection.resealed"),
    _Kind(WebhookDoor, "sealed_secrets", WebhookDoor.reseal_secrets, "webhook_door.resealed"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """How far it is. `unreadable` names rows that no key opens; they stay as they are."""

    total: int
    seen: int = 0
    resealed: int = 0
    unreadable: tuple[str, ...] = ()


def rotate_encryption_keys(*, by: str, on_progress: Callable[[Rotation], None]) -> Rotation:
    """Encrypt again, with the first key, the secrets of rows where that is not so.

    Each row is its own transaction under its lock, so that a change of credentials at the same
    moment is neither lost nor overtaken; stopped anywhere, the next run does the rest. Tells
    `on_progress` after every chunk. Run it once no process has the old key first any more.
    """
    state = Rotation(total=sum(_list_sealed(kind).count() for kind in _KINDS))
    for kind in _KINDS:
        last_key = 0
        while chunk := _list_chunk(kind, last_key):
            for key, sealed in chunk:
                state = _rotate_one(state, kind, key, sealed, by)
            last_key = chunk[-1][0]
            on_progress(state)
    return state


def _list_sealed(kind: _Kind) -> models.QuerySet[Any]:
    return kind.model._default_manager.exclude(**{kind.column: None})


def _list_chunk(kind: _Kind, after: int) -> list[tuple[int, bytes]]:
    rows = _list_sealed(kind).filter(pk__gt=after).order_by("pk")
    chunk = rows.values_list("pk", kind.column)[:CHUNK]
    return [(key, bytes(sealed)) for key, sealed in chunk]


def _rotate_one(state: Rotation, kind: _Kind, key: int, sealed: bytes, by: str) -> Rotation:
    state = replace(state, seen=state.seen + 1)
    try:
        if encryption.is_current(sealed) or not _reseal(kind, key, by):
            return state
    except CannotDecrypt:
        name = kind.model._default_manager.get(pk=key).subject  # type: ignore[attr-defined]
        return replace(state, unreadable=(*state.unreadable, name))
    return replace(state, resealed=state.resealed + 1)


@transaction.atomic
def _reseal(kind: _Kind, key: int, by: str) -> bool:
    """False when somebody else was first, or removed the row.

    :raises CannotDecrypt: the key is missing or the secret is another row's.
    """
    row = _list_sealed(kind).select_for_update(of=["self"]).filter(pk=key).first()
    if row is None or not kind.reseal(row):
        return False
    row.save(update_fields=[kind.column])
    record_audit(subject=row.subject, action=kind.action, by=by)
    return True
