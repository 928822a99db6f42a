"""What becomes of webhooks before they are sent: held back, lost, doubled or late.

A policy is an account's, or everybody's who has none. What it decides of an event depends on its
seed and the event's place in the journal of events only, so that a run can be repeated.
"""

import json
import random
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from processors.simulator.store import Store

_PREFIX = "delivery_policy:"
_EVERYBODY = "*"
Probability = Annotated[float, Field(ge=0, le=1)]


class DeliveryPolicy(BaseModel):
    """`hold`: kept until a door lets them go. `drop`, `double`: how probable either is.

    `late_seconds`: at most so much later, in real time, which lets them overtake each other.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    account_id: str | None = None
    hold: bool = False
    drop: Probability = 0.0
    double: Probability = 0.0
    late_seconds: Annotated[float, Field(ge=0, le=3600)] = 0.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One sending to be: its state in the journal of deliveries, and how much later."""

    state: str
    late_seconds: float = 0.0


class DeliveryPolicies:
    """All policies, kept in memory because every event asks."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._by_account: dict[str, DeliveryPolicy] = {}
        self.reload()

    def reload(self) -> None:
        rows = self._store.rows("SELECT value FROM settings WHERE name GLOB ?", (f"{_PREFIX}*",))
        policies = [DeliveryPolicy.model_validate(json.loads(row["value"])) for row in rows]
        self._by_account = {each.account_id or _EVERYBODY: each for each in policies}

    def put(self, policy: DeliveryPolicy) -> None:
        """Replace the account's policy, or everybody's."""
        name = _PREFIX + (policy.account_id or _EVERYBODY)
        self._store.execute("REPLACE INTO settings VALUES (?, ?)", (name, policy.model_dump_json()))
        self.reload()

    def list_all(self) -> list[DeliveryPolicy]:
        return list(self._by_account.values())

    def plan(self, account_id: str, event_sequence: int, endpoint_id: str) -> list[Dispatch]:
        """What becomes of one event on its way to one endpoint."""
        everybody = self._by_account.get(_EVERYBODY)
        policy = self._by_account.get(account_id, everybody)
        if policy is None:
            return [Dispatch("pending")]
        drawn = random.Random(f"{policy.seed}:{event_sequence}:{endpoint_id}")
        if drawn.random() < policy.drop:
            return [Dispatch("dropped")]
        copies = 2 if drawn.random() < policy.double else 1
        state = "held" if policy.hold else "pending"
        return [Dispatch(state, drawn.uniform(0, policy.late_seconds)) for _ in range(copies)]
