"""Whose movement it is, on which terms, and what it is about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from decimal import Decimal
from typing import Any, Self
from zoneinfo import ZoneInfo

from bookedbarber.foundation.money import Money
from processors.contract import MovementKind

from ...models import ExternalTransaction, PaymentLeg
from ...queries.commission_terms import TermsBook, load_terms
from ...rules.commission import CommissionTerms, calculate_base
from ...rules.movements import PARENT_KINDS
from ...states import CLOSED_LEG_STATES, Decision, LegRole, Purpose, TransactionKind
from .facts import Key, MovementFact

_OWN_KINDS = frozenset(
    {
        MovementKind.BANK_PAYOUT,
        MovementKind.BANK_PAYOUT_FAILED,
        MovementKind.PROCESSOR_CHARGE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Whose movement it is. `split_payment_id`: the payment whose other part bears on it."""

    purpose: Purpose
    barber_id: int | None = None
    zone: tzinfo = UTC
    payment_id: int | None = None
    split_payment_id: int | None = None
    base_minor: int = 0
    rate: Decimal = Decimal(0)
    parent_id: int | None = None
    sale_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Leg:
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


@dataclass(frozen=True, slots=True)
class _Parent:
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

    @property
    def key(self) -> Key:
        return self.connection_id, self.kind, self.external_id


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
)

Parents = Mapping[Key, _Parent]
_Legs = Mapping[tuple[str, int], _Leg]


def get_parent_key(fact: MovementFact) -> Key | None:
    """What a movement is about, if it names something."""
    kind = PARENT_KINDS.get(TransactionKind(fact.movement.kind.value))
    if kind is None or not fact.movement.parent_external_id:
        return None
    return fact.connection.pk, kind.value, fact.movement.parent_external_id


def find_parents(facts: Iterable[MovementFact]) -> Parents:
    """Those that are recorded, by key; no statement where nothing names one."""
    wanted = {key for fact in facts if (key := get_parent_key(fact))}
    if not wanted:
        return {}
    connections, kinds, external_ids = map(set, zip(*wanted, strict=True))
    rows = ExternalTransaction.objects.filter(
        connection_id__in=connections, kind__in=kinds, external_id__in=external_ids
    ).values_list(*_PARENT_PATHS)
    parents = (_Parent(*row) for row in rows)
    return {parent.key: parent for parent in parents if parent.key in wanted}


def link(facts: Sequence[MovementFact], parents: Parents) -> list[Link]:
    """One for each fact, in the same order; a fixed number of statements."""
    legs = _find_legs(facts)
    book = load_terms(
        fact.connection.owner_id
        for fact in facts
        if not fact.connection.is_platform
        and _get_leg_key(fact) not in legs
        and get_parent_key(fact) not in parents
    )
    return [_link_one(fact, legs, parents, book) for fact in facts]


def _find_legs(facts: Sequence[MovementFact]) -> _Legs:
    given = [fact.leg for fact in facts if fact.leg is not None]
    known = {(leg.public_id, leg.connection_id): _Leg.from_row(leg) for leg in given}
    references = [
        fact.movement.our_reference
        for fact in facts
        if _is_charge(fact) and fact.movement.our_reference and _get_leg_key(fact) not in known
    ]
    if not references:
        return known
    rows = PaymentLeg.objects.filter(public_id__in=references).values_list(*_LEG_PATHS)
    legs = (_Leg(*row) for row in rows)
    return known | {(leg.public_id, leg.connection_id): leg for leg in legs}


def _link_one(fact: MovementFact, legs: _Legs, parents: Parents, book: TermsBook) -> Link:
    if _is_charge(fact):
        leg = legs.get(_get_leg_key(fact))
        return _link_charge(fact, book) if leg is None else _link_leg(fact, leg)
    parent_key = get_parent_key(fact)
    if parent_key is not None:
        parent = parents.get(parent_key)
        return _link_waiting(fact, book) if parent is None else _link_to_parent(parent)
    if not fact.connection.is_platform:
        return _link_to_owner(fact, book, Purpose.OWN)
    is_own = fact.movement.kind in _OWN_KINDS
    return Link(purpose=Purpose.OWN if is_own else Purpose.UNEXPLAINED)


def _link_leg(fact: MovementFact, leg: _Leg) -> Link:
    zone = ZoneInfo(leg.time_zone)
    if leg.state in CLOSED_LEG_STATES:
        # It was settled without money: this movement is not that sale.
        base_minor = _get_plain_base(fact)
        return Link(
            purpose=Purpose.UNEXPLAINED,
            barber_id=leg.barber_id,
            zone=zone,
            base_minor=base_minor,
        )
    is_split = leg.decision == Decision.SPLIT
    is_commission = leg.role == LegRole.COMMISSION
    return Link(
        purpose=Purpose.COMMISSION if is_commission else Purpose.SALE,
        barber_id=leg.barber_id,
        zone=zone,
        payment_id=leg.payment_id,
        split_payment_id=leg.payment_id if is_split else None,
        base_minor=0 if is_commission else _get_base(fact, leg, is_split=is_split).amount_minor,
        rate=Decimal(0) if is_commission else leg.rate,
    )


def _get_base(fact: MovementFact, leg: _Leg, *, is_split: bool) -> Money:
    movement = fact.movement
    if is_split:
        # The main part bears the commission of the whole.
        amount = Money(leg.amount_minor, leg.currency)
        return calculate_base(
            amount, Money(leg.tip_minor, leg.currency), leg.terms, movement.method
        )
    return calculate_base(movement.amount, movement.tip, leg.terms, movement.method)


def _link_charge(fact: MovementFact, book: TermsBook) -> Link:
    """A charge that is none of our legs."""
    if fact.connection.is_platform:
        return Link(purpose=Purpose.UNEXPLAINED, base_minor=_get_plain_base(fact))
    movement = fact.movement
    terms = book.get_terms(fact.connection, at=movement.occurred_at)
    barber = book.barbers[fact.connection.owner_id]
    base = calculate_base(movement.amount, movement.tip, terms, movement.method)
    return Link(
        purpose=Purpose.SALE,
        barber_id=barber.pk,
        zone=barber.zone,
        base_minor=base.amount_minor,
        rate=terms.rate,
    )


def _get_plain_base(fact: MovementFact) -> int:
    movement = fact.movement
    terms = CommissionTerms(rate=Decimal(0))
    return calculate_base(movement.amount, movement.tip, terms, movement.method).amount_minor


def _link_to_parent(parent: _Parent) -> Link:
    is_split = parent.decision == Decision.SPLIT
    return Link(
        purpose=Purpose(parent.purpose),
        barber_id=parent.barber_id,
        zone=ZoneInfo(parent.time_zone) if parent.time_zone else UTC,
        payment_id=parent.payment_id,
        split_payment_id=parent.payment_id if is_split else None,
        rate=parent.rate,
        parent_id=parent.id,
        sale_id=parent.id if parent.kind == TransactionKind.CHARGE else parent.sale_id,
    )


def _link_waiting(fact: MovementFact, book: TermsBook) -> Link:
    """What it is about is not recorded yet; it is given its place when that comes."""
    is_transfer = fact.movement.kind == MovementKind.TRANSFER_REVERSED
    purpose = Purpose.PAYOUT if is_transfer else Purpose.SALE
    if fact.connection.is_platform:
        return Link(purpose=purpose)
    return _link_to_owner(fact, book, purpose)


def _link_to_owner(fact: MovementFact, book: TermsBook, purpose: Purpose) -> Link:
    barber = book.barbers[fact.connection.owner_id]
    return Link(purpose=purpose, barber_id=barber.pk, zone=barber.zone)


def _is_charge(fact: MovementFact) -> bool:
    return fact.movement.kind == MovementKind.CHARGE


def _get_leg_key(fact: MovementFact) -> tuple[str, int]:
    """A reference counts on the account of its leg only: anybody can write one elsewhere."""
    return fact.movement.our_reference, fact.connection.pk


def _get_path(row: object, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row
