"""Changing what a processor says of a sale, as if it had always said so.

Nothing is told and nothing looks changed: no event, no new version, no later moment. The money
journal follows, because it says what the processor would say.
"""

from dataclasses import dataclass
from typing import Any

from processors.simulator.call import Call
from processors.simulator.messages import Json
from processors.simulator.objects import Scope, dump


@dataclass(frozen=True, slots=True)
class Difference:
    """What is planted; the field that belongs to the kind is set."""

    kind: str
    amount_minor: int | None = None
    currency: str | None = None
    fee_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Planted:
    """Which object differs now, and how: the figures before and after, empty where it is not."""

    object_id: str
    before: Json
    after: Json


def rewrite(call: Call, kind: str, body: Json) -> None:
    """Replace an object's content, and leave the moment of its last change."""
    call.simulation.store.execute(
        "UPDATE objects SET body = ? WHERE id = ? AND account_id = ? AND kind = ?",
        (dump(body), body["id"], call.account.account_id, kind),
    )


def remove(call: Call, kind: str, object_id: str) -> None:
    scope = Scope(call.account.processor, call.account.account_id, kind)
    call.simulation.objects.delete(scope, object_id)


def change_movement(call: Call, object_id: str, **columns: Any) -> None:
    """Change columns of a sale's row in the money journal."""
    assignments = ", ".join(f"{name} = ?" for name in columns)
    call.simulation.store.execute(
        f"UPDATE movements SET {assignments}"  # noqa: S608 - our own names
        " WHERE account_id = ? AND object_id = ? AND kind = 'charge'",
        (*columns.values(), call.account.account_id, object_id),
    )


def remove_movement(call: Call, object_id: str) -> None:
    call.simulation.store.execute(
        "DELETE FROM movements WHERE account_id = ? AND object_id = ? AND kind = 'charge'",
        (call.account.account_id, object_id),
    )
