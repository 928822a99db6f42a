"""What happened, as the vendor would tell it, and to whom it must be told.

An event keeps the text of its object as it was. Which endpoints hear of it is decided when it is
recorded; `webhooks.py` delivers.
"""

import json
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from processors.simulator.delivery_policies import DeliveryPolicies, Dispatch
from processors.simulator.identifiers import stripe_id
from processors.simulator.messages import Json
from processors.simulator.objects import Objects, Query, Scope
from processors.simulator.store import Store

ENDPOINT_KINDS = {"stripe": "webhook_endpoint", "square": "webhook_subscription"}
_MAXIMUM_ENDPOINTS = 100

_INSERT = (
    "INSERT INTO events (processor, account_id, id, type, object_id, created_ms, snapshot, cause)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class Event:
    """`snapshot`: the object's JSON text. `cause`: request id, idempotency key, what changed."""

    processor: str
    account_id: str
    type: str
    object_id: str
    created_ms: int
    snapshot: str
    cause: Json = field(default_factory=dict)
    id: str = ""

    @property
    def body(self) -> Json:
        read: Json = json.loads(self.snapshot)
        return read


@dataclass(frozen=True, slots=True)
class Endpoint:
    id: str
    url: str
    secret: str
    enabled: bool
    types: tuple[str, ...]

    def wants(self, event_type: str) -> bool:
        return self.enabled and ("*" in self.types or event_type in self.types)


def read_endpoint(processor: str, body: Json) -> Endpoint:
    """The endpoint in a Stripe webhook endpoint or a Square webhook subscription."""
    if processor == "stripe":
        enabled = body["status"] == "enabled"
        types = tuple(body["enabled_events"])
        return Endpoint(body["id"], body["url"], body["_secret"], enabled, types)
    types = tuple(body["event_types"])
    url, key = body["notification_url"], body["signature_key"]
    return Endpoint(body["id"], url, key, body["enabled"], types)


class Events:
    """Records events; `wake` is called after a commit that left something to deliver."""

    def __init__(self, store: Store, objects: Objects, policies: DeliveryPolicies) -> None:
        self._store = store
        self._policies = policies
        self._objects = objects
        self.wake: Callable[[], None] = lambda: None
        self.find_platforms: Callable[[str, str], tuple[str, ...]] = _no_platforms

    def record(self, event: Event, *, deliver: bool = True) -> str:
        """Keep the event, queue its deliveries, return its id."""
        event_id = event.id or stripe_id("evt")
        sequence = self._store.execute(_INSERT, _to_row(event, event_id))
        if deliver:
            for endpoint in self._list_listeners(event):
                for dispatch in self._policies.plan(event.account_id, sequence, endpoint.id):
                    self._queue_delivery(event, event_id, endpoint, dispatch)
        return event_id

    def record_many(self, events: list[Event]) -> None:
        """Keep events that nobody is told about."""
        rows = [_to_row(event, event.id or stripe_id("evt")) for event in events]
        self._store.execute_many(_INSERT, rows)

    def _queue_delivery(
        self, event: Event, event_id: str, endpoint: Endpoint, dispatch: Dispatch
    ) -> None:
        self._store.on_commit(self.wake)
        not_before = time.time() + dispatch.late_seconds if dispatch.late_seconds else 0.0
        self._store.execute(
            "INSERT INTO deliveries (processor, account_id, event_id, type, endpoint_id, url,"
            " state, next_attempt_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                event.processor,
                event.account_id,
                event_id,
                event.type,
                endpoint.id,
                endpoint.url,
                dispatch.state,
                not_before,
            ),
        )

    def _list_listeners(self, event: Event) -> list[Endpoint]:
        own = self._list_endpoints(event.processor, event.account_id)
        listening = [body for body in own if not body.get("_connect")]
        for platform in self.find_platforms(event.processor, event.account_id):
            theirs = self._list_endpoints(event.processor, platform)
            # A Square application's subscriptions hear of every seller; at Stripe only those do
            # that were made for connected accounts.
            is_told = [event.processor == "square" or body.get("_connect") for body in theirs]
            listening += [body for body, told in zip(theirs, is_told, strict=True) if told]
        endpoints = [read_endpoint(event.processor, body) for body in listening]
        return [endpoint for endpoint in endpoints if endpoint.wants(event.type)]

    def _list_endpoints(self, processor: str, account_id: str) -> list[Json]:
        scope = Scope(processor, account_id, ENDPOINT_KINDS[processor])
        query = Query(newest_first=False, limit=_MAXIMUM_ENDPOINTS)
        return self._objects.list(scope, query)

    def find(self, processor: str, account_id: str, event_id: str) -> Event | None:
        row = self._store.row(
            "SELECT * FROM events WHERE id = ? AND processor = ? AND account_id = ?",
            (event_id, processor, account_id),
        )
        return read_event(row) if row else None

    def list(
        self, processor: str, account_id: str, query: Query, types: tuple[str, ...] = ()
    ) -> list[Event]:
        """Events in order of moment; `types` may end in `.*`.

        :raises LookupError: the event to go on from is not there.
        """
        condition, values = "", [processor, account_id, query.since_ms or 0, query.until_ms or 1e18]
        if types:
            condition += f" AND ({' OR '.join(['type GLOB ?'] * len(types))})"
            values += types
        if query.beyond is not None:
            condition += f" AND (created_ms, sequence) {'<' if query.newest_first else '>'} (?, ?)"
            values += self._position(query.beyond)
        direction = "DESC" if query.newest_first else "ASC"
        rows = self._store.rows(
            "SELECT * FROM events WHERE processor = ? AND account_id = ? AND created_ms >= ?"  # noqa: S608
            f" AND created_ms < ?{condition}"
            f" ORDER BY created_ms {direction}, sequence {direction} LIMIT ?",
            (*values, query.limit),
        )
        return [read_event(row) for row in rows]

    def _position(self, event_id: str) -> tuple[int, int]:
        row = self._store.row("SELECT created_ms, sequence FROM events WHERE id = ?", (event_id,))
        if row is None:
            raise LookupError(event_id)
        return row["created_ms"], row["sequence"]

    def count_pending(self, event_id: str) -> int:
        row = self._store.row(
            "SELECT COUNT(*) AS pending FROM deliveries"
            " WHERE event_id = ? AND state IN ('held', 'pending', 'sending')",
            (event_id,),
        )
        return int(row["pending"]) if row else 0


def _no_platforms(_processor: str, _account_id: str) -> tuple[str, ...]:
    return ()


def _to_row(event: Event, event_id: str) -> tuple[object, ...]:
    return (
        event.processor,
        event.account_id,
        event_id,
        event.type,
        event.object_id,
        event.created_ms,
        event.snapshot,
        json.dumps(event.cause) if event.cause else "{}",
    )


def read_event(row: sqlite3.Row) -> Event:
    """The event in a row of the state file."""
    return Event(
        row["processor"],
        row["account_id"],
        row["type"],
        row["object_id"],
        row["created_ms"],
        row["snapshot"],
        json.loads(row["cause"]),
        row["id"],
    )
