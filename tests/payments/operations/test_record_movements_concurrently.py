"""Webhook, sync and answer at the same moment: one row, one accrual, one posting."""

from dataclasses import replace

import pytest

from bookedbarber.foundation.money import Money
from payments.models import Accrual, ExternalTransaction, LedgerTransaction
from processors.contract import Conversion
from tests import factories
from tests.payments.books import (
    NOON,
    at_once,
    charge,
    create_leg,
    get_balances,
    get_failed_checks,
    record,
    usd,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _short_waits(settings):
    settings.TRANSACTION_RETRY_SECONDS = 0.02


def test_the_same_movements_recorded_by_several_at_once_count_once():
    square = factories.create_connection(factories.create_barber())
    movements = [charge(amount=usd(10_00)) for _ in range(50)]
    turned = movements[::-1]

    recorded = at_once(
        [
            lambda order=order: record(square, *order)
            for order in (movements, turned, movements, turned)
        ]
    )

    assert sorted(len(ids) for ids in recorded) == [0, 0, 0, 50]
    assert ExternalTransaction.objects.count() == Accrual.objects.count() == 50
    assert get_balances() == {"receivable": 100_00, "commission": -100_00}
    assert get_failed_checks() == set()


def test_a_sale_and_its_fee_that_arrive_together_are_booked_once_each():
    platform = factories.create_platform_connection()
    leg = create_leg(platform, factories.create_barber())
    bare = charge(our_reference=leg.public_id)
    priced = replace(bare, version=2, fee=usd(2_48))

    recorded = at_once(
        [
            lambda movement=movement: record(platform, movement)
            for movement in (bare, priced, bare, priced, priced)
        ]
    )

    assert not [result for result in recorded if isinstance(result, Exception)]
    kinds = LedgerTransaction.objects.order_by("kind").values_list("kind", flat=True)
    assert list(kinds) == ["fee", "sale"]
    assert get_balances() == {"clearing": 72_52, "commission": -15_00, "payable": -57_52}
    assert get_failed_checks() == set()


def test_a_sale_that_is_converted_and_told_twice_at_once_is_converted_once():
    platform = factories.create_platform_connection()
    paid = Money(75_00, "CAD")
    leg = create_leg(platform, factories.create_barber(), amount=paid)
    converted = Conversion(
        name="txn_1",
        taken=paid - Money(2_48, "CAD"),
        given=usd(53_00),
        occurred_at=NOON,
        available_at=NOON,
    )
    bare = charge(our_reference=leg.public_id, amount=paid, tip=Money.zero("CAD"))
    priced = replace(bare, version=2, fee=Money(2_48, "CAD"), conversion=converted)

    recorded = at_once(
        [
            lambda movement=movement: record(platform, movement)
            for movement in (bare, priced, bare, priced, priced)
        ]
    )

    assert not [result for result in recorded if isinstance(result, Exception)]
    assert get_balances(currency="USD") == {"clearing": 53_00, "exchange": -53_00}
    assert get_balances(currency="CAD") == {
        "exchange": 72_52,
        "commission": -15_00,
        "payable": -57_52,
    }
    assert get_failed_checks() == set()


def test_accounts_of_many_barbers_are_recorded_side_by_side():
    squares = [factories.create_connection(factories.create_barber()) for _ in range(8)]

    at_once(
        [
            lambda square=square: [record(square, charge(amount=usd(3_33))) for _ in range(10)]
            for square in squares
        ]
    )

    assert get_balances() == {"receivable": 8 * 10 * 67, "commission": -8 * 10 * 67}
    assert get_failed_checks() == set()
