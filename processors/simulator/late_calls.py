"""Calls that were accepted but are carried out later, as a slow processor does.

They are rows of the state file, so they survive a restart. Their moments are the simulator's.
What must be asked at every request, what is pending and when the next one is due, is in memory.
"""

import json
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from processors.simulator.idempotency import Claim
from processors.simulator.messages import Json
from processors.simulator.request_journal import dump_parameters
from processors.simulator.store import Store

if TYPE_CHECKING:
    from processors.simulator.call import Call

Identity = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class LateCall:
    sequence: int
    due_ms: int
    processor: str
    caller_id: str
    account_id: str
    method: str
    path: str
    base_url: str
    request_id: str | None
    parameters: Json
    claim: Claim | None


def _nothing() -> None:
    """Nobody waits for a late call yet."""


class LateCalls:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._pending: dict[int, tuple[int, Identity | None]] = {}
        # Set by whoever carries them out: called when one was added.
        self.wake: Callable[[], None] = _nothing
        self.reload()

    def reload(self) -> None:
        rows = self._store.rows("SELECT * FROM late_calls")
        calls = [_read(row) for row in rows]
        with self._lock:
            self._pending = {each.sequence: (each.due_ms, _identify(each.claim)) for each in calls}

    def add(self, call: "Call", method: str, path: str, claim: Claim | None, due_ms: int) -> None:
        """Postpone a call. `path` with the vendor's prefix."""
        sequence = self._store.execute(
            "INSERT INTO late_calls (due_ms, processor, caller_id, account_id, method, path,"
            " base_url, request_id, parameters, key, scope, fingerprint)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                due_ms,
                call.account.processor,
                call.caller.account_id,
                call.account.account_id,
                method,
                path,
                call.base_url,
                call.request_id,
                dump_parameters(call.parameters),
                *((claim.key, claim.scope, claim.fingerprint) if claim else (None, None, None)),
            ),
        )
        with self._lock:
            self._pending[sequence] = (due_ms, _identify(claim))
        self.wake()

    def is_pending(self, claim: Claim) -> bool:
        """Whether a call with this key is yet to be carried out."""
        if not self._pending:
            return False
        with self._lock:
            return any(identity == claim.identity for _, identity in self._pending.values())

    def count(self) -> int:
        return len(self._pending)

    def get_next_due_ms(self) -> int | None:
        with self._lock:
            return min((due_ms for due_ms, _ in self._pending.values()), default=None)

    def find_due(self, now_ms: int) -> LateCall | None:
        """The earliest call that is due."""
        next_due_ms = self.get_next_due_ms() if self._pending else None
        if next_due_ms is None or next_due_ms > now_ms:
            return None
        row = self._store.row(
            "SELECT * FROM late_calls WHERE due_ms <= ? ORDER BY due_ms, sequence LIMIT 1",
            (now_ms,),
        )
        return _read(row) if row else None

    def remove(self, late: LateCall) -> None:
        """Inside the transaction that carries it out; it is pending until that is committed."""
        self._store.execute("DELETE FROM late_calls WHERE sequence = ?", (late.sequence,))
        self._store.on_commit(lambda: self._forget(late.sequence))

    def _forget(self, sequence: int) -> None:
        with self._lock:
            self._pending.pop(sequence, None)


def _identify(claim: Claim | None) -> Identity | None:
    return claim.identity if claim else None


def _read(row: sqlite3.Row) -> LateCall:
    return LateCall(
        row["sequence"],
        row["due_ms"],
        row["processor"],
        row["caller_id"],
        row["account_id"],
        row["method"],
        row["path"],
        row["base_url"],
        row["request_id"],
        json.loads(row["parameters"]),
        _read_claim(row),
    )


def _read_claim(row: sqlite3.Row) -> Claim | None:
    if row["key"] is None:
        return None
    return Claim(
        row["processor"],
        row["account_id"],
        row["scope"],
        row["key"],
        row["fingerprint"],
        waits_its_turn=False,
    )
