"""The only code that writes `state`: a table, compare-and-set, and a history.

A model with states has `state`, a `TRANSITIONS` table and a `subject` property (what the history
calls the row). Rows are born in any state without a history line.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar, Protocol

from django.db import connection, models, transaction
from django.utils import timezone

from .errors import Conflict

# Only rows in the state that was read are moved, and only what was moved has a history.
_MOVE = """
WITH rows AS (
  SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS r(id, before, subject)
), moved AS (
  UPDATE {table} SET {columns} FROM rows
  WHERE {table}.id = rows.id AND {table}.state = rows.before
  RETURNING rows.subject, rows.before
)
INSERT INTO foundation_statechange (subject, before, after, by, reason, at)
SELECT subject, before, %s, %s, %s, %s FROM moved
"""

Transitions = Mapping[str, frozenset[str]]


class TransitionNotAllowed(Conflict):
    """The row cannot go from its state to that one."""


class StaleState(Conflict):
    """The row's state changed meanwhile."""


class HasState(Protocol):
    """What `move` needs of a row."""

    TRANSITIONS: ClassVar[Transitions]
    pk: Any
    state: Any

    @property
    def subject(self) -> str: ...


def move(row: HasState, to: str, *, by: str, reason: str = "", **changes: object) -> None:
    """Move `row` to state `to`, set `changes` with it, and log who moved it.

    The update matches only the state we read, so of two workers one wins. Call it inside a
    transaction.

    :raises TransitionNotAllowed: the table has no such move.
    :raises StaleState: somebody else moved the row first.
    """
    move_all([row], to, by=by, reason=reason, **changes)


def move_all(
    rows: Sequence[HasState], to: str, *, by: str, reason: str = "", **changes: object
) -> None:
    """Move rows of one model together, all or none; raises as `move`.

    A refusal leaves the caller's transaction usable and writes nothing.
    """
    if not rows:
        return
    for row in rows:
        if to not in row.TRANSITIONS[row.state]:
            raise TransitionNotAllowed(
                f"{row.subject} cannot go from {row.state} to {to}", state=str(row.state)
            )
    with _all_or_none(rows):
        _compare_and_set(rows, to, changes, by=by, reason=reason)
    for row in rows:
        for name, value in {"state": to, **changes}.items():
            setattr(row, name, value)


def _all_or_none(rows: Sequence[HasState]) -> AbstractContextManager[object]:
    """A savepoint where rows would have to be put back; a single one is not written if refused."""
    if len(rows) == 1 and transaction.get_connection().in_atomic_block:
        return nullcontext()
    return transaction.atomic()


def _compare_and_set(
    rows: Sequence[HasState], to: str, changes: Mapping[str, object], *, by: str, reason: str
) -> None:
    model: type[models.Model] = type(rows[0])  # type: ignore[assignment]
    columns, values = _to_columns(model, {"state": to, **changes})
    statement = _MOVE.format(table=model._meta.db_table, columns=columns)
    read = [[row.pk for row in rows], [row.state for row in rows], [row.subject for row in rows]]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*read, *values, to, by, reason, timezone.now()])
        if cursor.rowcount != len(rows):
            raise StaleState(f"{rows[0].subject} changed before it could become {to}")


def _to_columns(model: type[models.Model], changes: Mapping[str, object]) -> tuple[str, list[Any]]:
    fields: list[Any] = [model._meta.get_field(name) for name in changes]
    columns = ", ".join(f"{field.column} = %s" for field in fields)
    values = changes.values()
    prepared = zip(fields, values, strict=True)
    return columns, [field.get_db_prep_save(value, connection) for field, value in prepared]
