"""The vendors' objects: JSON as the vendor shows it, by account, kind and moment.

A key that starts with an underscore is a fact of ours (which test card stands behind a payment
method, say) and never leaves the simulator; `visible` removes it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import from_json, to_json

from processors.simulator.messages import Json
from processors.simulator.store import Store

_SAVE = (
    "INSERT INTO objects (processor, account_id, kind, id, parent, created_ms, updated_ms, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (id) DO UPDATE SET body = excluded.body, parent = excluded.parent,"
    " updated_ms = excluded.updated_ms"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose objects, and of which kind."""

    processor: str
    account_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class Query:
    """Which objects of a scope, and from where in their order by moment and commit.

    `equal` compares fields of the JSON (a dotted path reaches inside); moments are half-open,
    `[since_ms, until_ms)`, of creation or (`by_change`) of the last change; `beyond` is the id
    after which to go on, in the order asked for.
    """

    equal: dict[str, Any] = field(default_factory=dict)
    parent: str | None = None
    since_ms: int | None = None
    until_ms: int | None = None
    changed_since_ms: int | None = None
    changed_until_ms: int | None = None
    by_change: bool = False
    beyond: str | None = None
    newest_first: bool = True
    limit: int = 10


def visible(body: Json) -> Json:
    return {name: value for name, value in body.items() if name[0] != "_"}


def dump(body: Json) -> str:
    return to_json(body).decode()


def _load(text: str) -> Json:
    body: Json = from_json(text)
    return body


class Objects:
    def __init__(self, store: Store) -> None:
        self._store = store

    def save(
        self,
        scope: Scope,
        body: Json,
        *,
        created_ms: int,
        updated_ms: int,
        parent: str | None = None,
    ) -> str:
        """Insert the object or replace its content; return the text that was stored."""
        text = dump(body)
        row = (*_columns(scope), body["id"], parent, created_ms, updated_ms, text)
        self._store.execute(_SAVE, row)
        return text

    def save_many(
        self, scope: Scope, rows: Iterable[tuple[str, str | None, int, int, str]]
    ) -> None:
        """Insert (id, parent, created_ms, updated_ms, text) rows at once."""
        self._store.execute_many(_SAVE, [(*_columns(scope), *row) for row in rows])

    def find(self, scope: Scope, object_id: str) -> Json | None:
        row = self._store.row(
            "SELECT body FROM objects WHERE id = ? AND processor = ? AND account_id = ?"
            " AND kind = ?",
            (object_id, *_columns(scope)),
        )
        return _load(row["body"]) if row else None

    def find_anywhere(self, object_id: str) -> tuple[Scope, Json] | None:
        """The object with this id, whoever owns it."""
        row = self._store.row(
            "SELECT processor, account_id, kind, body FROM objects WHERE id = ?", (object_id,)
        )
        if row is None:
            return None
        scope = Scope(row["processor"], row["account_id"], row["kind"])
        return scope, _load(row["body"])

    def delete(self, scope: Scope, object_id: str) -> None:
        self._store.execute(
            "DELETE FROM objects WHERE id = ? AND processor = ? AND account_id = ? AND kind = ?",
            (object_id, *_columns(scope)),
        )

    def list(self, scope: Scope, query: Query) -> list[Json]:
        """At most `query.limit` objects in order.

        :raises LookupError: the object to go on from is not there.
        """
        conditions, values = self._conditions(scope, query)
        direction = "DESC" if query.newest_first else "ASC"
        rows = self._store.rows(
            f"SELECT body FROM objects WHERE {' AND '.join(conditions)}"  # noqa: S608 - constants
            f" ORDER BY {_moment(query)} {direction}, sequence {direction} LIMIT ?",
            (*values, query.limit),
        )
        return [_load(row["body"]) for row in rows]

    def _conditions(self, scope: Scope, query: Query) -> tuple[Sequence[str], Sequence[Any]]:
        conditions = ["processor = ?", "account_id = ?", "kind = ?"]
        values: list[Any] = list(_columns(scope))
        bounds = (
            ("parent = ?", query.parent),
            ("created_ms >= ?", query.since_ms),
            ("created_ms < ?", query.until_ms),
            ("updated_ms >= ?", query.changed_since_ms),
            ("updated_ms < ?", query.changed_until_ms),
        )
        for condition, value in bounds:
            if value is not None:
                conditions.append(condition)
                values.append(value)
        for path, value in query.equal.items():
            conditions.append("json_extract(body, ?) IS ?")
            values += [f"$.{path}", value]
        if query.beyond is not None:
            comparison = "<" if query.newest_first else ">"
            conditions.append(f"({_moment(query)}, sequence) {comparison} (?, ?)")
            values += self._position(scope, query)
        return conditions, values

    def _position(self, scope: Scope, query: Query) -> tuple[int, int]:
        row = self._store.row(
            f"SELECT {_moment(query)} AS moment, sequence FROM objects"  # noqa: S608 - constants
            " WHERE id = ? AND account_id = ? AND kind = ?",
            (query.beyond, scope.account_id, scope.kind),
        )
        if row is None:
            raise LookupError(query.beyond)
        return row["moment"], row["sequence"]


def _moment(query: Query) -> str:
    return "updated_ms" if query.by_change else "created_ms"


def _columns(scope: Scope) -> tuple[str, str, str]:
    return scope.processor, scope.account_id, scope.kind
