"""Locks that no row holds, for work that must not be in a transaction."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def held_lock(name: str) -> Iterator[None]:
    """Let one at a time be inside, of all processes; the others wait their turn.

    The lock belongs to the database session, so it ends with a process that dies. Names may
    collide, which only makes strangers wait for each other.
    """
    key = zlib.crc32(name.encode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [key])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
