"""A split sale: the barber's part on his account, the platform's on its own."""

from itertools import permutations

import pytest

from payments.models import Accrual
from payments.states import Purpose
from processors.contract import MovementKind as Kind
from tests import factories
from tests.payments.books import (
    about,
    charge,
    create_split,
    get_balances,
    get_failed_checks,
    get_sale,
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


@pytest.fixture
def parts(platform, square, barber):
    """The charges of 60.00 and 15.00; the processor keeps 0.74 of the platform's."""
    main, part = create_split(platform, square, barber)
    return (
        charge(our_reference=main.public_id, amount=usd(60_00)),
        charge(our_reference=part.public_id, amount=usd(15_00), fee=usd(74)),
    )


def test_the_platforms_part_is_its_commission_and_its_fee_is_its_own(platform, parts):
    (row_id,) = record(platform, parts[1])

    row = get_sale(row_id)
    assert (row.purpose, row.base_minor, row.payment.decision) == (Purpose.COMMISSION, 0, "split")
    assert get_balances() == {"clearing": 14_26, "commission": -15_00, "processing_fees": 74}
    assert get_failed_checks() == {"legs_have_movements"}


def test_the_barbers_part_bears_the_base_of_the_whole(platform, square, parts):
    record(platform, parts[1])
    (row_id,) = record(square, parts[0])

    row = get_sale(row_id)
    assert (row.purpose, row.base_minor, row.commission_rate) == (Purpose.SALE, 75_00, 20)
    accrual = Accrual.objects.get()
    assert (accrual.commission_minor, accrual.kept_minor, accrual.amount_minor) == (15_00, 15_00, 0)
    assert get_balances() == {"clearing": 14_26, "commission": -15_00, "processing_fees": 74}
    assert get_failed_checks() == set()


def test_what_is_heard_of_first_makes_no_difference_to_the_sums(platform, square, parts):
    record(square, parts[0])
    assert get_balances() == {"receivable": 15_00, "commission": -15_00}

    record(platform, parts[1])

    assert get_balances() == {"clearing": 14_26, "commission": -15_00, "processing_fees": 74}
    assert get_failed_checks() == set()


def test_a_tip_is_in_the_barbers_part_and_bears_nothing(platform, square, barber):
    main, part = create_split(platform, square, barber, amount=usd(60_00), tip=usd(10_00))

    record(platform, charge(our_reference=part.public_id, amount=usd(10_00)))
    (row_id,) = record(square, charge(our_reference=main.public_id, amount=usd(50_00)))

    assert get_sale(row_id).base_minor == 50_00
    assert get_balances() == {"clearing": 10_00, "commission": -10_00}
    assert get_failed_checks() == set()


def test_a_refund_shared_over_both_parts_leaves_nothing_owed(platform, square, parts):
    record(platform, parts[1])
    record(square, parts[0])

    record(square, about(parts[0], Kind.REFUND, amount=usd(24_00)))
    record(platform, about(parts[1], Kind.REFUND, amount=usd(6_00)))

    assert get_balances() == {"clearing": 8_26, "commission": -9_00, "processing_fees": 74}
    assert get_failed_checks() == set()


def test_a_refund_of_the_barbers_part_alone_is_a_credit(platform, square, parts):
    record(platform, parts[1])
    record(square, parts[0])
    record(square, about(parts[0], Kind.REFUND, amount=usd(24_00)))
    record(platform, about(parts[1], Kind.REFUND, amount=usd(6_00)))

    record(square, about(parts[0], Kind.REFUND, amount=usd(12_00)))

    assert get_balances()["receivable"] == -2_40
    assert get_balances()["commission"] == -6_60
    assert get_failed_checks() == set()


def test_a_commission_taken_for_a_sale_that_never_was_goes_back_whole(platform, parts):
    record(platform, parts[1])

    record(platform, about(parts[1], Kind.REFUND))

    assert get_balances() == {"clearing": -74, "processing_fees": 74}


def test_a_dispute_of_the_platforms_part_is_the_platforms(platform, square, parts):
    record(platform, parts[1])
    record(square, parts[0])

    record(platform, about(parts[1], Kind.DISPUTE, fee=usd(15_00)))

    # The payer has 15.00 back, so 12.00 are due of what is left, and nothing is held of them.
    assert get_balances() == {
        "clearing": -15_74,
        "commission": -12_00,
        "processing_fees": 15_74,
        "receivable": 12_00,
    }
    assert get_failed_checks() == set()


@pytest.mark.parametrize("order", list(permutations(range(5))))
def test_in_every_order_the_sums_are_the_same(platform, square, parts, order):
    main, part = parts
    refund = about(part, Kind.REFUND, amount=usd(6_00))
    told = [
        (square, main),
        (platform, part),
        (square, about(main, Kind.REFUND, amount=usd(24_00))),
        (platform, refund),
        (platform, about(refund, Kind.REFUND_FAILED)),
    ]

    for place in order:
        connection, movement = told[place]
        record(connection, movement)

    # 24.00 of 75.00 went back: 10.20 are due, 15.00 are held.
    assert get_balances() == {
        "clearing": 14_26,
        "commission": -10_20,
        "processing_fees": 74,
        "receivable": -4_80,
    }
    assert get_failed_checks() == set()
