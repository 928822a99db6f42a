"""What happens by itself when the simulator's clock reaches a moment.

A task is a name, an object and a moment. Tasks that are due run before the next request is
answered and whenever the clock is moved, in order, each with its own moment as "now": an
authorization that expired on Tuesday says Tuesday, however late somebody looks.
"""

import sqlite3
from dataclasses import dataclass

from processors.simulator.store import Store


@dataclass(frozen=True, slots=True)
class DueTask:
    due_ms: int
    task: str
    processor: str
    account_id: str
    object_id: str


class Schedule:
    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, due: DueTask) -> None:
        self._store.execute(
            "INSERT INTO schedule (due_ms, task, processor, account_id, object_id)"
            " VALUES (?, ?, ?, ?, ?)",
            (due.due_ms, due.task, due.processor, due.account_id, due.object_id),
        )

    def has(self, task: str, account_id: str) -> bool:
        """Whether this task waits for its moment."""
        row = self._store.row(
            "SELECT 1 FROM schedule WHERE task = ? AND account_id = ? LIMIT 1", (task, account_id)
        )
        return row is not None

    def is_anything_due(self, now_ms: int) -> bool:
        row = self._store.row("SELECT 1 FROM schedule WHERE due_ms <= ? LIMIT 1", (now_ms,))
        return row is not None

    def take_next(self, now_ms: int) -> DueTask | None:
        """Remove and return the earliest task that is due."""
        row = self._store.row(
            "SELECT * FROM schedule WHERE due_ms <= ? ORDER BY due_ms, sequence LIMIT 1", (now_ms,)
        )
        if row is None:
            return None
        self._store.execute("DELETE FROM schedule WHERE sequence = ?", (row["sequence"],))
        return _to_task(row)


def _to_task(row: sqlite3.Row) -> DueTask:
    return DueTask(
        row["due_ms"], row["task"], row["processor"], row["account_id"], row["object_id"]
    )
