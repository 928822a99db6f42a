"""Putting every stored credential under the first key of ENCRYPTION_KEY."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.db import transaction

from bookedbarber.foundation import encryption
from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.encryption import CannotDecrypt

from ..models import Connection

CHUNK = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """How far it is. `unreadable` names connections that no key opens; they stay as they are."""

    total: int
    seen: int = 0
    resealed: int = 0
    unreadable: tuple[str, ...] = ()


def rotate_encryption_keys(*, by: str, on_progress: Callable[[Rotation], None]) -> Rotation:
    """Encrypt again, with the first key, the credentials of connections that are not.

    Each connection is its own transaction under its row lock, so that a change of credentials at
    the same moment is neither lost nor overtaken; stopped anywhere, the next run does the rest.
    Tells `on_progress` after every chunk. Run it once no process has the old key first any more.
    """
    state = Rotation(total=Connection.objects.count())
    last_key = 0
    while chunk := _list_chunk(last_key):
        for key, name, sealed in chunk:
            state = _rotate_one(state, key, name, sealed, by)
        last_key = chunk[-1][0]
        on_progress(state)
    return state


def _list_chunk(after: int) -> list[tuple[int, str, bytes]]:
    rows = Connection.objects.filter(pk__gt=after).order_by("pk")
    chunk = rows.values_list("pk", "public_id", "sealed_credentials")[:CHUNK]
    return [(key, name, bytes(sealed)) for key, name, sealed in chunk]


def _rotate_one(state: Rotation, key: int, name: str, sealed: bytes, by: str) -> Rotation:
    state = replace(state, seen=state.seen + 1)
    try:
        if encryption.is_current(sealed) or not _reseal(key, by):
            return state
    except CannotDecrypt:
        return replace(state, unreadable=(*state.unreadable, name))
    return replace(state, resealed=state.resealed + 1)


@transaction.atomic
def _reseal(key: int, by: str) -> bool:
    """False when somebody else was first, or removed the row.

    :raises CannotDecrypt: the key is missing or the credentials are another row's.
    """
    row = Connection.objects.select_for_update(of=["self"]).filter(pk=key).first()
    if row is None or not row.reseal_credentials():
        return False
    row.save(update_fields=["sealed_credentials"])
    record_audit(subject=row.subject, action="connection.resealed", by=by)
    return True
