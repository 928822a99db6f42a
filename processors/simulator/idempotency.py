"""Remembered answers, and which keys are being worked on.

What a vendor does with a key (Stripe: header, 409 while in flight; Square: body, waits) is told
by the `Claim` that vendor makes; the memory is the same.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from processors.simulator.messages import Answer
from processors.simulator.store import Store

REMEMBERED_MS = 24 * 60 * 60 * 1000
WAIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Claim:
    """A request's idempotency key. `fingerprint` must be the same each time the key is used."""

    processor: str
    account_id: str
    scope: str
    key: str
    fingerprint: str
    waits_its_turn: bool

    @property
    def identity(self) -> tuple[str, str, str, str]:
        return self.processor, self.account_id, self.scope, self.key


class KeyInUse(Exception):
    """A request with this key is being worked on."""


class KeyReused(Exception):
    """The key was first used with another request."""


class Idempotency:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._in_flight: set[tuple[str, str, str, str]] = set()
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, claim: Claim) -> Iterator[None]:
        """Keep the key to ourselves.

        :raises KeyInUse: somebody else has it, and the claim does not wait its turn.
        """
        with self._changed:
            if not self._is_free(claim):
                raise KeyInUse(claim.key)
            self._in_flight.add(claim.identity)
        try:
            yield
        finally:
            with self._changed:
                self._in_flight.discard(claim.identity)
                self._changed.notify_all()

    def _is_free(self, claim: Claim) -> bool:
        if claim.waits_its_turn:
            self._changed.wait_for(lambda: claim.identity not in self._in_flight, WAIT_SECONDS)
        return claim.identity not in self._in_flight

    def recall(self, claim: Claim, now_ms: int) -> Answer | None:
        """The answer this key was given before, for a day after its first use.

        :raises KeyReused: that was for another request.
        """
        row = self._store.row(
            "SELECT * FROM idempotency WHERE processor = ? AND account_id = ? AND scope = ?"
            " AND key = ?",
            claim.identity,
        )
        if row is None or row["first_used_ms"] + REMEMBERED_MS <= now_ms:
            return None
        if row["fingerprint"] != claim.fingerprint:
            raise KeyReused(claim.key)
        return Answer(row["status"], row["body"], row["content_type"])

    def remember(self, claim: Claim, answer: Answer, now_ms: int) -> None:
        self._store.execute(
            "REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *claim.identity,
                claim.fingerprint,
                answer.status,
                answer.content_type,
                answer.body,
                now_ms,
            ),
        )
