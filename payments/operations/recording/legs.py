"""Legs of ours that charges are of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self, TypeVar

from processors.contract import MovementKind

from ...models import PaymentLeg
from ...rules.commission import CommissionTerms
from .facts import MovementFact

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Leg:
    """A leg with what its payment says of the sale."""

    public_id: str
    connection_id: int
    role: str
    state: str
    payment_id: int
    decision: str
    amount_minor: int
    tip_minor: int
    currency: str
    rate: Decimal
    decision_facts: Mapping[str, Any]
    barber_id: int
    time_zone: str

    @classmethod
    def from_row(cls, leg: PaymentLeg) -> Self:
        return cls(*(_get_path(leg, path) for path in _LEG_PATHS))

    @property
    def terms(self) -> CommissionTerms:
        return CommissionTerms(
            rate=self.rate,
            on_tips=self.decision_facts["commission_on_tips"],
            on_cash=self.decision_facts["commission_on_cash"],
        )


_LEG_PATHS = (
    "public_id",
    "connection_id",
    "role",
    "state",
    "payment_id",
    "payment__decision",
    "payment__amount_minor",
    "payment__tip_minor",
    "payment__currency",
    "payment__commission_rate",
    "payment__decision_facts",
    "payment__barber_id",
    "payment__barber__time_zone",
)


# By our reference and the account.
Legs = Mapping[tuple[str, int], Leg]


def find_legs(facts: Sequence[MovementFact]) -> Legs:
    given = [fact.leg for fact in facts if fact.leg is not None]
    known = {(leg.public_id, leg.connection_id): Leg.from_row(leg) for leg in given}
    references = [
        fact.movement.our_reference
        for fact in facts
        if is_charge(fact) and fact.movement.our_reference and get_reference(fact) not in known
    ]
    if not references:
        return known
    rows = PaymentLeg.objects.filter(public_id__in=references).values_list(*_LEG_PATHS)
    legs = (Leg(*row) for row in rows)
    return known | {(leg.public_id, leg.connection_id): leg for leg in legs}


def is_charge(fact: MovementFact) -> bool:
    return fact.movement.kind == MovementKind.CHARGE


def get_reference(fact: MovementFact) -> tuple[str, int]:
    """It counts on the account of its leg or payout only: anybody can write one elsewhere."""
    return fact.movement.our_reference, fact.connection.pk


def look_up(fact: MovementFact, named: Mapping[tuple[str, int], T]) -> T | None:
    """What a movement's reference names; most carry none."""
    return named.get(get_reference(fact)) if fact.movement.our_reference else None


def _get_path(row: object, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row
