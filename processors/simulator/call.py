"""One request on its way to an operation: who asks, for what, and when it is."""

from dataclasses import dataclass

from processors.simulator.accounts import Account
from processors.simulator.messages import Json
from processors.simulator.objects import Query, Scope
from processors.simulator.simulation import Simulation


@dataclass(frozen=True, slots=True)
class Call:
    """`account` owns what the operation touches; `caller` owns the key that was shown.

    `now_ms` is one moment for the whole operation. A task of the schedule is a call too, with
    the moment it was due.
    """

    simulation: Simulation
    caller: Account
    account: Account
    now_ms: int
    parameters: Json
    ids: dict[str, str]
    base_url: str = ""
    request_id: str | None = None
    idempotency_key: str | None = None
    access_token: str | None = None

    @property
    def now_seconds(self) -> int:
        return self.now_ms // 1000

    def scope(self, kind: str) -> Scope:
        return Scope(self.account.processor, self.account.account_id, kind)

    def save(
        self, kind: str, body: Json, *, parent: str | None = None, created_ms: int | None = None
    ) -> str:
        """Store the object under the account; return the text that was stored."""
        created_ms = self.now_ms if created_ms is None else created_ms
        scope = self.scope(kind)
        return self.simulation.objects.save(
            scope, body, created_ms=created_ms, updated_ms=self.now_ms, parent=parent
        )

    def find(self, kind: str, object_id: str) -> Json | None:
        return self.simulation.objects.find(self.scope(kind), object_id)

    def list(self, kind: str, query: Query) -> list[Json]:
        """:raises LookupError: the object to go on from is not there."""
        return self.simulation.objects.list(self.scope(kind), query)
