"""What movements are about: others, recorded before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ...models import ExternalTransaction
from ...rules.movements import PARENT_KINDS
from ...states import TransactionKind
from .facts import Key, MovementFact


@dataclass(frozen=True, slots=True)
class Parent:
    """A recorded movement that others are about."""

    connection_id: int
    kind: str
    external_id: str
    id: int
    sale_id: int | None
    purpose: str
    barber_id: int | None
    time_zone: str | None
    payment_id: int | None
    decision: str | None
    rate: Decimal
    our_reference: str

    @property
    def key(self) -> Key:
        return self.connection_id, self.kind, self.external_id

    @property
    def is_waiting(self) -> bool:
        """Whether what it is about is still to come, as for a refund before its sale."""
        return self.sale_id is None and self.kind in PARENT_KINDS


_PARENT_PATHS = (
    "connection_id",
    "kind",
    "external_id",
    "id",
    "sale_id",
    "purpose",
    "barber_id",
    "barber__time_zone",
    "payment_id",
    "payment__decision",
    "commission_rate",
    "our_reference",
)

Parents = Mapping[Key, Parent]


def get_parent_key(fact: MovementFact) -> Key | None:
    """What a movement is about, if it names something."""
    if not fact.movement.parent_external_id:
        return None
    kind = PARENT_KINDS.get(TransactionKind(fact.movement.kind.value))
    if kind is None:
        return None
    return fact.connection.pk, kind.value, fact.movement.parent_external_id


def is_waited_for(key: Key, parents: Parents) -> bool:
    """Whether what somebody is about is still to come, or waits itself for what is."""
    return key not in parents or parents[key].is_waiting


def find_parents(facts: Iterable[MovementFact]) -> Parents:
    """Those that are recorded, by key; no statement where nothing names one."""
    wanted = {key for fact in facts if (key := get_parent_key(fact))}
    if not wanted:
        return {}
    connections, kinds, external_ids = map(set, zip(*wanted, strict=True))
    rows = ExternalTransaction.objects.filter(
        connection_id__in=connections, kind__in=kinds, external_id__in=external_ids
    ).values_list(*_PARENT_PATHS)
    parents = (Parent(*row) for row in rows)
    return {parent.key: parent for parent in parents if parent.key in wanted}
