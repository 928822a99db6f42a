"""The state file: SQLite with one writer.

One connection behind one lock serves all threads; a transaction holds the lock, so operations
never see each other half done. WAL without `fsync`: what was committed survives the death of the
process (not of the machine), and a commit costs microseconds.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SCHEMA = (Path(__file__).parent / "schema.sql").read_text()
_PRAGMAS = (
    # A second process on the same file would not know this one's accounts and clock.
    "locking_mode = EXCLUSIVE",
    "journal_mode = WAL",
    "synchronous = OFF",
    "cache_size = -65536",  # KiB
)
_TABLES = (
    "settings",
    "accounts",
    "objects",
    "idempotency",
    "events",
    "deliveries",
    "requests",
    "movements",
    "schedule",
    "fault_rules",
    "fault_hits",
    "late_calls",
    "applications",
    "authorizations",
    "access_tokens",
    "authorization_codes",
    "plants",
)
# Columns that state files of earlier versions lack: table, column, type.
_ADDED_COLUMNS = (
    ("requests", "fault", "TEXT"),
    ("movements", "activity", "TEXT"),
    ("movements", "payout_id", "TEXT"),
    ("deliveries", "lane", "TEXT"),
    ("deliveries", "place", "INTEGER"),
)
# On columns that may have been added just now.
_LATE_INDEXES = ("CREATE INDEX IF NOT EXISTS deliveries_lane ON deliveries (lane, state)",)


class StateFileInUse(Exception):
    """Another simulator has this state file open."""


class Store:
    """Statements and transactions on the state file; without a path it lives in memory."""

    def __init__(self, path: Path | None = None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self._after_commit: list[Callable[[], None]] = []
        self._connection = sqlite3.connect(
            path or ":memory:", check_same_thread=False, isolation_level=None, timeout=1.0
        )
        self._connection.row_factory = sqlite3.Row
        try:
            self._prepare()
        except sqlite3.OperationalError as error:
            self._connection.close()
            raise StateFileInUse(f"{path} cannot be opened: {error}") from error

    def _prepare(self) -> None:
        for pragma in _PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(_SCHEMA)
        for table, column, kind in _ADDED_COLUMNS:
            if column not in self._list_columns(table):
                self._connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
        for index in _LATE_INDEXES:
            self._connection.execute(index)

    def _list_columns(self, table: str) -> list[str]:
        rows = self._connection.execute(f"PRAGMA table_info({table})")
        return [row["name"] for row in rows]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. A transaction inside a transaction joins it."""
        with self._lock:
            if self._depth:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield
            except BaseException:
                self._depth = 0
                self._after_commit.clear()
                self._connection.execute("ROLLBACK")
                raise
            self._depth = 0
            self._connection.execute("COMMIT")
            self._run_after_commit()

    def on_commit(self, act: Callable[[], None]) -> None:
        """Run `act` once when the transaction at hand is committed."""
        if act not in self._after_commit:
            self._after_commit.append(act)

    def _run_after_commit(self) -> None:
        acts, self._after_commit = self._after_commit, []
        for act in acts:
            act()

    def execute(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run a statement and return the id of the last row it inserted."""
        with self._lock:
            return self._connection.execute(sql, values).lastrowid or 0

    def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        with self._lock:
            self._connection.executemany(sql, rows)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        with self._lock:
            found: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
            return found

    def empty(self) -> None:
        """Forget everything: accounts, objects, journals and the clock's offset."""
        with self.transaction():
            for table in _TABLES:
                self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
            self._connection.execute("DELETE FROM sqlite_sequence")

    def close(self) -> None:
        with self._lock:
            self._connection.close()
