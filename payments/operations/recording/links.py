"""Whose movement it is, on which terms, and what it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from bookedbarber.foundation.money import Money
from processors.contract import MovementKind

from ...queries.commission_terms import TermsBook, load_terms
from ...rules.commission import CommissionTerms, calculate_base
from ...states import CLOSED_LEG_STATES, Decision, LegRole, Purpose, TransactionKind
from .debtors import Debtor, Debtors
from .facts import MovementFact
from .legs import Leg, Legs, find_legs, is_charge, look_up
from .parents import Parent, Parents, get_parent_key
from .payees import Payees, find_payees

_OWN_KINDS = frozenset(
    {
        MovementKind.BANK_PAYOUT,
        MovementKind.BANK_PAYOUT_FAILED,
        MovementKind.PROCESSOR_CHARGE,
        MovementKind.PROCESSOR_CREDIT,
        MovementKind.CONVERSION_OUT,
        MovementKind.CONVERSION_IN,
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
class _Known:
    """What a batch is linked by."""

    legs: Legs
    parents: Parents
    payees: Payees
    debtors: Debtors
    book: TermsBook


def link(facts: Sequence[MovementFact], parents: Parents, debtors: Debtors) -> list[Link]:
    """One for each fact, in the same order; a fixed number of statements."""
    legs = find_legs(facts)
    book = load_terms(
        fact.connection.owner_id
        for fact in facts
        if not fact.connection.is_platform
        and look_up(fact, legs) is None
        and get_parent_key(fact) not in parents
    )
    payees = find_payees([f.movement.our_reference for f in facts if _is_our_transfer(f)])
    known = _Known(legs, parents, payees, debtors, book)
    return [_link_one(fact, known) for fact in facts]


def _link_one(fact: MovementFact, known: _Known) -> Link:
    if is_charge(fact):
        leg = look_up(fact, known.legs)
        return _link_no_leg(fact, known) if leg is None else _link_leg(fact, leg)
    parent_key = get_parent_key(fact)
    if parent_key is not None:
        parent = known.parents.get(parent_key)
        return _link_waiting(fact, known.book) if parent is None else _link_to_parent(parent)
    if not fact.connection.is_platform:
        return _link_to_owner(fact, known.book, Purpose.OWN)
    return _link_on_platform(fact, known.payees)


def _link_on_platform(fact: MovementFact, payees: Payees) -> Link:
    if fact.movement.kind in _OWN_KINDS:
        return Link(purpose=Purpose.OWN)
    payee = look_up(fact, payees) if _is_our_transfer(fact) else None
    if payee is None:
        return Link(purpose=Purpose.UNEXPLAINED)
    return Link(purpose=Purpose.PAYOUT, barber_id=payee.barber_id, zone=ZoneInfo(payee.time_zone))


def _link_leg(fact: MovementFact, leg: Leg) -> Link:
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


def _get_base(fact: MovementFact, leg: Leg, *, is_split: bool) -> Money:
    movement = fact.movement
    if is_split:
        # The main part bears the commission of the whole.
        amount = Money(leg.amount_minor, leg.currency)
        return calculate_base(
            amount, Money(leg.tip_minor, leg.currency), leg.terms, movement.method
        )
    return calculate_base(movement.amount, movement.tip, leg.terms, movement.method)


def _link_no_leg(fact: MovementFact, known: _Known) -> Link:
    debtor = look_up(fact, known.debtors)
    return _link_charge(fact, known.book) if debtor is None else _link_debit(fact, debtor)


def _link_debit(fact: MovementFact, debtor: Debtor) -> Link:
    """Of a debit that was closed without money, or over another amount, a person must decide."""
    is_asked_for = fact.movement.amount == debtor.amount and not debtor.is_closed
    return Link(
        purpose=Purpose.DEBIT if is_asked_for else Purpose.UNEXPLAINED,
        barber_id=debtor.barber_id,
        zone=ZoneInfo(debtor.time_zone),
        base_minor=0 if is_asked_for else _get_plain_base(fact),
    )


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


def _link_to_parent(parent: Parent) -> Link:
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


def _is_our_transfer(fact: MovementFact) -> bool:
    return (
        fact.movement.kind == MovementKind.TRANSFER
        and fact.connection.is_platform
        and fact.movement.our_reference != ""
    )
