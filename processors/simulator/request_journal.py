"""The newest requests to the vendors' addresses and their answers, without secrets."""

import json
import re
import time
from dataclasses import dataclass

from processors.simulator.messages import Answer, Json, Request
from processors.simulator.store import Store

_LONGEST_TEXT = 20_000
KEPT_REQUESTS = 100_000
_FORGOTTEN_AT_ONCE = 500
MASK = "***"
_SECRETS_IN_FORMS = re.compile(
    r"((?:^|&)[^=&]*(?:number|cvc|secret|access_token|refresh_token)[^=&]*=)[^&]*"
)
_SECRETS_IN_JSON = re.compile(
    r'("(?:client_secret|secret|signature_key|access_token|refresh_token|number|cvc)":\s*")'
    r'[^"]*(")'
)


@dataclass(frozen=True, slots=True)
class Entry:
    sequence: int
    started: float


def mask_text(body: bytes) -> str:
    """The body as text, shortened, with card numbers and secrets replaced by `***`."""
    text = body[:_LONGEST_TEXT].decode(errors="replace")
    if text.startswith("{"):
        return _SECRETS_IN_JSON.sub(rf"\1{MASK}\2", text)
    return _SECRETS_IN_FORMS.sub(rf"\1{MASK}", text)


class RequestJournal:
    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, request: Request, simulated_ms: int) -> Entry:
        """Note the request before anything is done, so that one without an answer shows."""
        sequence = self._store.execute(
            "INSERT INTO requests (received_at, simulated_ms, method, path, query, request)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                time.time(),
                simulated_ms,
                request.method,
                request.path,
                request.query,
                mask_text(request.body),
            ),
        )
        self._forget_old(sequence)
        return Entry(sequence, time.perf_counter())

    def _forget_old(self, sequence: int) -> None:
        if sequence % _FORGOTTEN_AT_ONCE == 0:
            oldest = sequence - KEPT_REQUESTS
            self._store.execute("DELETE FROM requests WHERE sequence <= ?", (oldest,))

    def finish(
        self,
        entry: Entry,
        answer: Answer,
        *,
        account_id: str | None,
        key: str | None,
        fault: str | None,
    ) -> None:
        """Note what was answered; nothing (NULL) when a fault keeps the answer back."""
        milliseconds = round((time.perf_counter() - entry.started) * 1000, 2)
        self._store.execute(
            "UPDATE requests SET account_id = ?, key = ?, status = ?, response = ?,"
            " milliseconds = ?, fault = ? WHERE sequence = ?",
            (
                account_id,
                key,
                answer.status if answer.is_sent else None,
                mask_text(answer.body) if answer.is_sent else None,
                milliseconds,
                fault,
                entry.sequence,
            ),
        )

    def list_after(self, sequence: int, *, limit: int, account_id: str | None) -> list[Json]:
        rows = self._store.rows(
            "SELECT * FROM requests WHERE sequence > ?1 AND (?2 IS NULL OR account_id = ?2)"
            " ORDER BY sequence LIMIT ?3",
            (sequence, account_id, limit),
        )
        return [dict(row) for row in rows]

    def list_newest(self, limit: int) -> list[Json]:
        rows = self._store.rows(
            "SELECT sequence, received_at, simulated_ms, method, path, account_id, key, status,"
            " milliseconds, fault FROM requests ORDER BY sequence DESC LIMIT ?",
            (limit,),
        )
        return [dict(row) for row in rows]


def dump_parameters(parameters: Json) -> str:
    """The same text for the same parameters, in whatever order they came."""
    return json.dumps(parameters, sort_keys=True, separators=(",", ":"))
