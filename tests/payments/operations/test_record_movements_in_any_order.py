"""Webhook, answer and sync tell the same story in another order: the sums are the same."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.operations.movements import MovementFact, record_movements
from processors.contract import MovementState as State
from tests import factories
from tests.payments.books import (
    BY,
    NOON,
    charge,
    create_leg,
    get_balances,
    get_failed_checks,
    usd,
)

pytestmark = pytest.mark.django_db

CENTRAL, TERMINAL, ABANDONED = "central", "terminal", "abandoned"
# What is said in the course of time: (object, version, state, fee).
STORY = (
    (CENTRAL, 1, State.PENDING, None),
    (CENTRAL, 2, State.COMPLETED, None),
    (CENTRAL, 3, State.COMPLETED, 2_48),
    (CENTRAL, 4, State.COMPLETED, 2_50),
    (CENTRAL, 4, State.COMPLETED, 2_50),
    (TERMINAL, 1, State.COMPLETED, None),
    (TERMINAL, 2, State.COMPLETED, 1_05),
    (ABANDONED, 1, State.PENDING, None),
    (ABANDONED, 2, State.CANCELED, None),
)


def split(facts: list[MovementFact], sizes: list[int]) -> Iterator[list[MovementFact]]:
    """Batches of about these sizes, none with two statements about one object."""
    batch: list[MovementFact] = []
    wanted = iter(sizes)
    size = next(wanted)
    for fact in facts:
        named = {other.movement.external_id for other in batch}
        if batch and (len(batch) >= size or fact.movement.external_id in named):
            yield batch
            batch, size = [], next(wanted)
        batch.append(fact)
    yield batch


@settings(max_examples=30, deadline=None)
@given(st.permutations(STORY), st.lists(st.integers(1, 5), min_size=10, max_size=10))
def test_in_any_order_and_in_any_batches_the_sums_are_the_same(told, sizes):
    barber = factories.create_barber()
    platform = factories.create_platform_connection(
        # Another environment's unique keys would do as well; each example has accounts of its own.
        account_id=f"acct_{barber.pk}",
        processor=f"stripe{barber.pk}",
    )
    square = factories.create_connection(barber)
    leg = create_leg(platform, barber)
    objects = {
        CENTRAL: MovementFact(platform, charge(our_reference=leg.public_id)),
        TERMINAL: MovementFact(square, charge(amount=usd(40_00), tip=usd(5_00))),
        ABANDONED: MovementFact(square, charge(amount=usd(99_00))),
    }
    facts = [
        replace(
            objects[name],
            movement=replace(
                objects[name].movement,
                version=version,
                state=state,
                fee=None if fee is None else usd(fee),
            ),
        )
        for name, version, state, fee in told
    ]

    for batch in split(facts, sizes):
        record_movements(batch, by=BY, now=NOON)

    assert get_balances(account__connection_id=platform.pk) == {"clearing": 72_50}
    assert get_balances(account__barber_id=barber.pk) == {"payable": -57_50, "receivable": 7_00}
    sales = {row.external_id: row for row in barber.external_transactions.all()}
    assert {
        name: (sales[fact.movement.external_id].state, sales[fact.movement.external_id].fee_minor)
        for name, fact in objects.items()
    } == {
        CENTRAL: (State.COMPLETED, 2_50),
        TERMINAL: (State.COMPLETED, 1_05),
        ABANDONED: (State.CANCELED, None),
    }
    assert get_failed_checks() == set()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 500_00), min_size=1, max_size=8), st.decimals(0, 100, places=4))
def test_what_is_owed_is_the_sum_of_each_sales_rounded_share(amounts, rate):
    barber = factories.create_barber()
    factories.create_config(barber, commission_rate=rate)
    square = factories.create_connection(barber)
    sales = [MovementFact(square, charge(amount=usd(amount))) for amount in amounts]

    record_movements(sales, by=BY, now=NOON)

    owed = sum(usd(amount).percent(Decimal(rate)).amount_minor for amount in amounts)
    assert get_balances(account__barber_id=barber.pk).get("receivable", 0) == owed
    assert get_failed_checks() == set()
