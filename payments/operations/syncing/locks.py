"""One sync of an account at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection as database

from bookedbarber.foundation.errors import Conflict
from processors.models import Connection


class SyncUnderWay(Conflict):
    """The account is being synchronized already."""


@contextmanager
def only_sync_of(connection: Connection) -> Iterator[None]:
    """Hold the account's lock over the block, transactions and network calls in it included.

    It only saves work: two syncs at once would record everything once all the same.

    :raises SyncUnderWay: somebody else holds it.
    """
    with session_lock(f"sync:{connection.pk}") as is_ours:
        if not is_ours:
            raise SyncUnderWay(connection=connection.public_id)
        yield


@contextmanager
def session_lock(key: str) -> Iterator[bool]:
    """Try to hold a lock of this name over the block; whether it is ours.

    The lock belongs to the database session, so it ends with a killed process and nobody waits for
    a lease.
    """
    is_ours = _ask("pg_try_advisory_lock", key)
    try:
        yield is_ours
    finally:
        if is_ours and database.connection is not None and not database.connection.closed:
            _ask("pg_advisory_unlock", key)


def _ask(function: str, key: str) -> bool:
    with database.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [key])
        return bool(cursor.fetchone()[0])
