"""How many commits a piece of work writes, read from the write-ahead log.

`pg_stat_database.xact_commit` also counts every read outside of a transaction, which writes and
waits for nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection

_COUNT = """
SELECT count(*) FROM pg_get_wal_records_info(%s, %s)
WHERE resource_manager = 'Transaction' AND record_type = 'COMMIT'
"""


@dataclass(slots=True)
class Counted:
    commits: int = 0


@contextmanager
def counting_commits() -> Iterator[Counted]:
    """Count the commits of the block, whoever makes them; needs a superuser."""
    counted = Counted()
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_walinspect")
        start = _get_position(cursor)
        yield counted
        cursor.execute(_COUNT, [start, _get_position(cursor)])
        counted.commits = cursor.fetchone()[0]


def _get_position(cursor: Any) -> str:
    cursor.execute("SELECT pg_current_wal_flush_lsn()")
    position: str = cursor.fetchone()[0]
    return position
