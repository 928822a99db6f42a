"""Sales, refunds, disputes and their fees told in any order, twice, in any batches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookedbarber.accounts.models import Barber
from payments.models import Accrual, ExternalTransaction, LedgerTransaction
from payments.operations.movements import MovementFact, record_movements
from payments.rules.commission import calculate_base_left
from processors.contract import Movement
from processors.contract import MovementKind as Kind
from processors.contract import MovementState as State
from processors.models import Connection
from tests import factories
from tests.payments.books import (
    BY,
    NOON,
    about,
    charge,
    create_leg,
    create_split,
    get_balances,
    get_failed_checks,
    usd,
)

pytestmark = pytest.mark.django_db

_numbers = count(1)


@dataclass(frozen=True)
class Sale:
    """What happened in truth, in minor units: parts that went back, and which came again."""

    amount: int
    tip: int
    rate: Decimal
    refunds: tuple[tuple[int, bool], ...]
    dispute: int
    is_won: bool

    @property
    def gone(self) -> int:
        refunded = sum(part for part, failed in self.refunds if not failed)
        return refunded + (0 if self.is_won else self.dispute)

    @property
    def due(self) -> int:
        base = usd(self.amount - self.tip)
        left = calculate_base_left(base, whole=usd(self.amount), taken=usd(self.gone))
        return left.percent(self.rate).amount_minor


@st.composite
def sales(draw: st.DrawFn) -> Sale:
    amount = draw(st.integers(5, 300_00))
    parts: list[tuple[int, bool]] = []
    left = amount
    for _ in range(draw(st.integers(0, 3))):
        if left == 0:
            break
        part = draw(st.integers(1, left))
        parts.append((part, draw(st.booleans())))
        left -= part
    return Sale(
        amount=amount,
        tip=draw(st.integers(0, amount - 1)),
        rate=draw(st.decimals(0, 100, places=2)),
        refunds=tuple(parts),
        dispute=draw(st.integers(0, left)),
        is_won=draw(st.booleans()),
    )


def list_members(sale: Sale, root: Movement) -> Iterator[Movement]:
    for part, failed in sale.refunds:
        refund = about(root, Kind.REFUND, amount=usd(part))
        yield refund
        if failed:
            yield about(refund, Kind.REFUND_FAILED)
    if sale.dispute:
        yield about(root, Kind.DISPUTE, amount=usd(sale.dispute), fee=usd(15_00))
        if sale.is_won:
            yield about(root, Kind.DISPUTE_WON, amount=usd(sale.dispute))


def list_statements(sale: Sale, root: Movement) -> list[Movement]:
    """Each object as it is told in the course of time: pending, without its fee, and as it is."""
    priced = replace(root, version=3, fee=usd(1_00))
    early = [replace(root, state=State.PENDING), replace(root, version=2), priced]
    members = list(list_members(sale, root))
    pending = [replace(member, state=State.PENDING, version=0) for member in members]
    return early + members + pending


def split_up(facts: Sequence[MovementFact], sizes: list[int]) -> Iterator[list[MovementFact]]:
    batch: list[MovementFact] = []
    turn = 0
    for fact in facts:
        if len(batch) >= sizes[turn % len(sizes)] or fact.key in {other.key for other in batch}:
            yield batch
            batch, turn = [], turn + 1
        batch.append(fact)
    yield batch


def record_all(facts: Sequence[MovementFact], sizes: list[int]) -> None:
    for batch in split_up(facts, sizes):
        record_movements(batch, by=BY, now=NOON)


def create_accounts() -> tuple[Connection, Connection]:
    """A new platform account and a barber's: each example has its own."""
    barber = factories.create_barber()
    platform = factories.create_platform_connection(
        account_id=f"acct_{barber.pk}", processor=f"stripe{next(_numbers)}"
    )
    return platform, factories.create_connection(barber)


def get_barber(square: Connection) -> Barber:
    return Barber.objects.get(pk=square.owner_id)


def shuffle(facts: list[MovementFact], order: int) -> list[MovementFact]:
    """Nothing is drawn once rows are written: an example given up would leave them half told."""
    return Random(order).sample(facts, len(facts))


orders = st.integers(0, 2**32)
batch_sizes = st.lists(st.integers(1, 6), min_size=1, max_size=4)


@settings(max_examples=40, deadline=None)
@given(sales(), orders, batch_sizes)
def test_a_central_sale_ends_with_the_same_sums(sale, order, sizes):
    platform, square = create_accounts()
    leg = create_leg(platform, get_barber(square), amount=usd(sale.amount), rate=sale.rate)
    root = charge(our_reference=leg.public_id, amount=usd(sale.amount), tip=usd(sale.tip))
    facts = [MovementFact(platform, said) for said in list_statements(sale, root)]

    record_all(shuffle(facts + facts, order), sizes)

    fees = 1_00 + (15_00 if sale.dispute else 0)
    held = sale.amount - sale.gone
    payable = get_balances(barber_id=square.owner_id).get("payable", 0)
    clearing = get_balances(account__connection_id=platform.pk).get("clearing", 0)
    assert (clearing, payable) == (held - fees, -(held - sale.due - fees))
    assert get_failed_checks() == set()


@settings(max_examples=40, deadline=None)
@given(sales(), orders, batch_sizes)
def test_a_sale_on_a_barbers_account_ends_with_the_same_sums(sale, order, sizes):
    _, square = create_accounts()
    factories.create_config(get_barber(square), commission_rate=sale.rate)
    root = charge(amount=usd(sale.amount), tip=usd(sale.tip))
    facts = [MovementFact(square, said) for said in list_statements(sale, root)]

    record_all(shuffle(facts + facts, order), sizes)

    owed = Accrual.objects.filter(barber_id=square.owner_id)
    assert sum(step.amount_minor for step in owed) == sale.due
    assert get_balances(barber_id=square.owner_id).get("receivable", 0) == sale.due
    assert get_failed_checks() == set()


@settings(max_examples=40, deadline=None)
@given(
    st.integers(10, 300_00),
    st.integers(1, 99),
    st.tuples(st.integers(0, 100), st.integers(0, 100), st.booleans()),
    orders,
    batch_sizes,
)
def test_a_split_sale_ends_with_the_same_sums(amount, rate, refunded, order, sizes):
    platform, square = create_accounts()
    commission = usd(amount).percent(Decimal(rate)).amount_minor
    if not 0 < commission < amount:
        return
    legs = create_split(
        platform, square, get_barber(square), amount=usd(amount), rate=Decimal(rate)
    )
    main = charge(our_reference=legs[0].public_id, amount=legs[0].amount)
    part = charge(our_reference=legs[1].public_id, amount=legs[1].amount, fee=usd(74))
    of_main = (amount - commission) * refunded[0] // 100
    of_part = commission * refunded[1] // 100
    facts = [MovementFact(square, main), MovementFact(platform, part)]
    if of_main:
        facts.append(MovementFact(square, about(main, Kind.REFUND, amount=usd(of_main))))
    if of_part:
        refund = about(part, Kind.REFUND, amount=usd(of_part))
        facts += [MovementFact(platform, refund)]
        if refunded[2]:
            facts.append(MovementFact(platform, about(refund, Kind.REFUND_FAILED)))
            of_part = 0

    record_all(shuffle(facts + facts, order), sizes)

    left = calculate_base_left(usd(amount), whole=usd(amount), taken=usd(of_main + of_part))
    due, kept = left.percent(Decimal(rate)).amount_minor, commission - of_part
    steps = Accrual.objects.filter(barber_id=square.owner_id)
    assert sum(step.commission_minor for step in steps) == due
    assert sum(step.kept_minor for step in steps) == kept
    assert get_balances(barber_id=square.owner_id).get("receivable", 0) == due - kept
    assert get_failed_checks() == set()


@settings(max_examples=25, deadline=None)
@given(sales(), orders)
def test_everything_told_again_changes_nothing(sale, order):
    platform, square = create_accounts()
    leg = create_leg(platform, get_barber(square), amount=usd(sale.amount), rate=sale.rate)
    root = charge(our_reference=leg.public_id, amount=usd(sale.amount), tip=usd(sale.tip))
    facts = [MovementFact(platform, said) for said in list_statements(sale, root)]
    record_all(facts, [1])
    before = count_rows()

    for fact in shuffle(facts, order):
        assert record_movements([fact], by=BY, now=NOON) == []

    assert count_rows() == before


def count_rows() -> tuple[int, ...]:
    return tuple(
        model.objects.count() for model in (ExternalTransaction, Accrual, LedgerTransaction)
    )
