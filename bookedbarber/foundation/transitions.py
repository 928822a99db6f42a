"""The only code that writes `state`: a table, compare-and-set, and a history.

A model with states has `state`, a `TRANSITIONS` table and a `subject` property (what the history
calls the row). Rows are born in any state without a history line.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar, Protocol

from django.db import models, transaction

from .errors import Conflict
from .models import StateChange

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
    before = {row.pk: str(row.state) for row in rows}
    for row in rows:
        if to not in row.TRANSITIONS[row.state]:
            raise TransitionNotAllowed(
                f"{row.subject} cannot go from {row.state} to {to}", state=str(row.state)
            )
    with _all_or_none(rows):
        _compare_and_set(rows, before, to, changes)
        StateChange.objects.bulk_create(
            StateChange(subject=row.subject, before=before[row.pk], after=to, by=by, reason=reason)
            for row in rows
        )
    for row in rows:
        for name, value in {"state": to, **changes}.items():
            setattr(row, name, value)


def _all_or_none(rows: Sequence[HasState]) -> AbstractContextManager[object]:
    """A savepoint where rows would have to be put back; a single one is not written if refused."""
    if len(rows) == 1 and transaction.get_connection().in_atomic_block:
        return nullcontext()
    return transaction.atomic()


def _compare_and_set(
    rows: Sequence[HasState], before: Mapping[Any, str], to: str, changes: dict[str, object]
) -> None:
    model: type[models.Model] = type(rows[0])  # type: ignore[assignment]
    unmoved = models.Q()
    for state in set(before.values()):
        keys = [key for key, was in before.items() if was == state]
        unmoved |= models.Q(pk__in=keys, state=state)
    moved = model._default_manager.filter(unmoved).update(state=to, **changes)
    if moved != len(rows):
        raise StaleState(f"{rows[0].subject} changed before it could become {to}")
