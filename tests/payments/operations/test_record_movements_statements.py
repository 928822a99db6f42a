"""How many statements it takes: few on the way of a payment, and no more for a thousand rows."""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from payments.operations.movements import MovementFact, record_movements
from processors.contract import MovementKind as Kind
from tests import factories
from tests.payments.books import (
    BY,
    NOON,
    about,
    charge,
    create_leg,
    create_split,
    get_failed_checks,
    record,
    usd,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def barber(db):
    return factories.create_barber()


@pytest.fixture
def square(barber):
    return factories.create_connection(barber)


@pytest.fixture
def platform(db):
    return factories.create_platform_connection()


def count_statements(*facts: MovementFact) -> int:
    with CaptureQueriesContext(database) as captured:
        record_movements(facts, by=BY, now=NOON)
    print([q["sql"][:90] for q in captured.captured_queries])
    return len(captured)


def test_a_sale_of_ours_on_the_platform(platform, barber):
    # The accounts of the books are open after the first one.
    record(platform, charge(our_reference=create_leg(platform, barber).public_id))
    leg = create_leg(platform, barber)
    sale = charge(our_reference=leg.public_id)

    assert count_statements(MovementFact(platform, sale)) == 4
    leg = create_leg(platform, barber)
    sale = charge(our_reference=leg.public_id)
    assert count_statements(MovementFact(platform, sale, leg)) == 3


def test_a_sale_of_ours_on_a_barbers_account(square, barber):
    record(square, charge())
    leg = create_leg(square, barber)

    assert count_statements(MovementFact(square, charge(our_reference=leg.public_id), leg)) == 4


def test_a_split_sale(platform, square, barber):
    record(platform, charge(our_reference=create_leg(platform, barber).public_id))
    legs = create_split(platform, square, barber)
    part = charge(our_reference=legs[1].public_id, amount=usd(15_00))
    main = charge(our_reference=legs[0].public_id, amount=usd(60_00))

    assert count_statements(MovementFact(platform, part, legs[1])) == 5
    assert count_statements(MovementFact(square, main, legs[0])) == 4
    assert get_failed_checks() == set()


def test_a_known_statement(square):
    sale = charge()
    record(square, sale)

    assert count_statements(MovementFact(square, sale)) <= 5


@pytest.mark.parametrize("kinds", [(), (Kind.REFUND,), (Kind.REFUND, Kind.DISPUTE)])
def test_a_batch_takes_no_more_than_one(platform, square, barber, kinds):
    def build(number: int) -> list[MovementFact]:
        legs = [create_leg(platform, barber) for _ in range(number)]
        central = [charge(our_reference=leg.public_id) for leg in legs]
        own = [charge() for _ in range(number)]
        roots = [(platform, sale) for sale in central] + [(square, sale) for sale in own]
        return [
            MovementFact(on, movement)
            for on, sale in roots
            for movement in (sale, *(about(sale, kind, amount=usd(10_00)) for kind in kinds))
        ]

    record_movements(build(1), by=BY, now=NOON)

    assert count_statements(*build(2)) == count_statements(*build(40))
    assert get_failed_checks() == set()
