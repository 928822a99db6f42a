"""Asking the database from outside, with plain SQL."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import psycopg2.extras

from tests.chaos.collecting.statements import LOAD_JOURNAL
from tests.chaos.world import World

Row = dict[str, Any]


@contextmanager
def open_database(world: World) -> Iterator[Any]:
    """A cursor in a session of its own."""
    folder, _, name = world.environment["DATABASE_URL"].removeprefix("postgres://").rpartition("/")
    user, _, host = folder.partition("@/")
    factory = psycopg2.extras.RealDictCursor
    connection = psycopg2.connect(host=host, user=user, dbname=name, cursor_factory=factory)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def ask(cursor: Any, statement: str, values: dict[str, Any] | None = None) -> list[Row]:
    cursor.execute(statement, values)
    return [dict(row) for row in cursor.fetchall()]


def load_journal(cursor: Any, journal: list[Row]) -> None:
    """The processor's journal as a table beside the product's own, for this session."""
    cursor.execute(LOAD_JOURNAL, [json.dumps(journal)])
    # Nobody had the time to look at all that was just written.
    cursor.execute("ANALYZE")
