"""Past sales on their way into the state file, collected so that they are written at once."""

from collections import defaultdict
from dataclasses import dataclass, field

from processors.simulator.events import Event
from processors.simulator.messages import Json
from processors.simulator.movements import Movement
from processors.simulator.objects import Scope, dump
from processors.simulator.simulation import Simulation

_Row = tuple[str, str | None, int, int, str]


@dataclass(frozen=True, slots=True)
class PastRefund:
    occurred_ms: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class PastSale:
    """A completed sale; `amount_minor` is without the tip."""

    occurred_ms: int
    amount_minor: int
    tip_minor: int
    currency: str
    payment_method: str | None
    reference: str | None
    method: str
    metadata: dict[str, str]
    description: str | None
    refunds: tuple[PastRefund, ...]

    @property
    def total_minor(self) -> int:
        return self.amount_minor + self.tip_minor

    @property
    def changed_ms(self) -> int:
        """When it last changed: its last refund, else the sale itself."""
        return max([self.occurred_ms, *(refund.occurred_ms for refund in self.refunds)])


@dataclass(slots=True)
class Batch:
    """What the sales of one call add, in order. `tokens` remembers cards already made."""

    simulation: Simulation
    deliver: bool
    movements: list[Movement] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    methods: dict[str, Json] = field(default_factory=dict)
    _objects: dict[Scope, list[_Row]] = field(default_factory=lambda: defaultdict(list))

    def add_object(
        self,
        scope: Scope,
        body: Json,
        *,
        created_ms: int,
        updated_ms: int | None = None,
        parent: str | None = None,
    ) -> str:
        """Note an object in its final state; return its text."""
        text = dump(body)
        updated_ms = created_ms if updated_ms is None else updated_ms
        self._objects[scope].append((body["id"], parent, created_ms, updated_ms, text))
        return text

    def add_event(self, scope: Scope, event_type: str, object_id: str, ms: int, text: str) -> None:
        """Note what happened to the object whose text is given."""
        event = Event(scope.processor, scope.account_id, event_type, object_id, ms, text)
        self.events.append(event)

    def write(self) -> None:
        """Write everything in one transaction."""
        simulation = self.simulation
        with simulation.store.transaction():
            for scope, rows in self._objects.items():
                simulation.objects.save_many(scope, rows)
            simulation.movements.record_many(self.movements)
            if not self.deliver:
                simulation.events.record_many(self.events)
                return
            for event in self.events:
                simulation.events.record(event)
