"""Deliveries a person moves: held ones let go in another order, lost or old ones sent again.

What is let go at once travels in a lane: one after the other, in the order that was asked for.
One that is refused leaves its lane, and is tried again as any other.
"""

import random
import secrets
import sqlite3
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from processors.simulator.store import Store

READY = (
    "state = 'pending' AND (lane IS NULL OR NOT EXISTS (SELECT 1 FROM deliveries AS other"
    " WHERE other.lane = deliveries.lane AND (other.state = 'sending'"
    " OR other.state = 'pending' AND other.place < deliveries.place)))"
)
_COPY = (
    "INSERT INTO deliveries (processor, account_id, event_id, type, endpoint_id, url, state, lane,"
    " place) SELECT processor, account_id, event_id, type, endpoint_id, url, 'pending', ?, ?"
    " FROM deliveries WHERE sequence = ?"
)


class Selection(BaseModel):
    """Which deliveries: those that match everything that is said."""

    model_config = ConfigDict(extra="forbid")

    account_id: str | None = None
    event_ids: list[str] | None = None
    event_types: list[str] | None = None

    def matches(self, row: sqlite3.Row) -> bool:
        return (
            self.account_id in (None, row["account_id"])
            and (self.event_ids is None or row["event_id"] in self.event_ids)
            and (self.event_types is None or row["type"] in self.event_types)
        )


class Sending(Selection):
    """In which order, and how often each."""

    order: Literal["first", "last", "shuffled"] = "first"
    seed: int = 0
    copies: Annotated[int, Field(ge=1, le=10)] = 1


def release(store: Store, sending: Sending) -> int:
    """Let held deliveries go; return how many will be sent."""
    rows = _select(store, sending, "held")
    turns = _arrange([row["sequence"] for row in rows], sending)
    _send(store, turns, first_is_itself=True)
    return len(turns)


def resend(store: Store, sending: Sending) -> int:
    """Send what was sent, given up or lost before once more; return how many will be sent."""
    rows = _select(store, sending, "delivered", "failed", "dropped")
    newest = {(row["event_id"], row["endpoint_id"]): row["sequence"] for row in rows}
    turns = _arrange(list(newest.values()), sending)
    _send(store, turns, first_is_itself=False)
    return len(turns)


def drop(store: Store, selection: Selection) -> int:
    """Lose held deliveries; return how many."""
    rows = _select(store, selection, "held")
    for row in rows:
        store.execute(
            "UPDATE deliveries SET state = 'dropped' WHERE sequence = ?", (row["sequence"],)
        )
    return len(rows)


def _select(store: Store, selection: Selection, *states: str) -> list[sqlite3.Row]:
    marks = ", ".join("?" * len(states))
    rows = store.rows(
        f"SELECT * FROM deliveries WHERE state IN ({marks}) ORDER BY sequence",  # noqa: S608
        states,
    )
    return [row for row in rows if selection.matches(row)]


def _arrange(sequences: list[int], sending: Sending) -> list[int]:
    turns = [sequence for sequence in sequences for _ in range(sending.copies)]
    if sending.order == "last":
        return turns[::-1]
    if sending.order == "shuffled":
        random.Random(sending.seed).shuffle(turns)
    return turns


def _send(store: Store, turns: list[int], *, first_is_itself: bool) -> None:
    lane = secrets.token_hex(6)
    gone: set[int] = set()
    for place, sequence in enumerate(turns):
        if first_is_itself and sequence not in gone:
            gone.add(sequence)
            store.execute(
                "UPDATE deliveries SET state = 'pending', lane = ?, place = ?,"
                " next_attempt_at = 0 WHERE sequence = ?",
                (lane, place, sequence),
            )
        else:
            store.execute(_COPY, (lane, place, sequence))
