"""A sale, its refunds and the other part of it, recorded by several at the same moment."""

from collections.abc import Callable
from dataclasses import replace
from threading import Thread

import pytest
from django.db import transaction

from payments.models import Accrual, ExternalTransaction, LedgerTransaction
from processors.contract import Movement
from processors.contract import MovementKind as Kind
from processors.models import Connection
from tests import factories
from tests.payments.books import (
    about,
    at_once,
    charge,
    create_leg,
    create_split,
    get_balances,
    get_failed_checks,
    record,
    usd,
)
from tests.waiting import is_somebody_waiting, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 15


@pytest.fixture(autouse=True)
def _short_waits(settings):
    settings.TRANSACTION_RETRY_SECONDS = 0.02


@pytest.fixture
def barber(db):
    return factories.create_barber()


@pytest.fixture
def square(barber):
    return factories.create_connection(barber)


@pytest.fixture
def platform(db):
    return factories.create_platform_connection()


def recording(on: Connection, *movements: Movement) -> Callable[[], list[int]]:
    return lambda: record(on, *movements)


def run(*acts: Callable[[], list[int]]) -> None:
    failures = [result for result in at_once(list(acts)) if isinstance(result, Exception)]
    assert failures == []


def test_a_refund_and_its_sale_do_not_miss_each_other(platform, square, barber):
    for _ in range(ROUNDS):
        leg = create_leg(platform, barber)
        central, own = charge(our_reference=leg.public_id), charge()
        refund = about(central, Kind.REFUND)
        run(
            recording(platform, central),
            recording(platform, refund),
            recording(platform, about(refund, Kind.REFUND_FAILED)),
            recording(square, own),
            recording(square, about(own, Kind.REFUND)),
        )

    assert not ExternalTransaction.objects.exclude(kind="charge").filter(sale=None).exists()
    sums = {"clearing": ROUNDS * 75_00, "commission": -ROUNDS * 15_00, "payable": -ROUNDS * 60_00}
    assert get_balances() == sums
    assert get_failed_checks() == set()


def test_a_refund_that_fails_while_its_sale_is_recorded_finds_it_through_the_refund(
    platform, barber
):
    leg = create_leg(platform, barber)
    sale = charge(our_reference=leg.public_id)
    refund = about(sale, Kind.REFUND)
    record(platform, refund)
    failing = Thread(
        target=at_once, args=[[recording(platform, about(refund, Kind.REFUND_FAILED))]]
    )

    with transaction.atomic():
        record(platform, sale)
        failing.start()
        wait_until(lambda: is_somebody_waiting() or not failing.is_alive())
    failing.join()

    assert not ExternalTransaction.objects.exclude(kind="charge").filter(sale=None).exists()
    assert get_balances() == {"clearing": 75_00, "commission": -15_00, "payable": -60_00}


def test_both_parts_of_a_split_sale_at_the_same_moment(platform, square, barber):
    for _ in range(ROUNDS):
        main_leg, part_leg = create_split(platform, square, barber)
        main = charge(our_reference=main_leg.public_id, amount=usd(60_00))
        part = charge(our_reference=part_leg.public_id, amount=usd(15_00))
        run(recording(square, main), recording(platform, part))
        run(
            recording(square, about(main, Kind.REFUND, amount=usd(24_00))),
            recording(platform, about(part, Kind.REFUND, amount=usd(6_00))),
        )

    assert get_balances() == {"clearing": ROUNDS * 9_00, "commission": -ROUNDS * 9_00}
    assert get_failed_checks() == set()


def test_many_refunds_of_one_sale_at_once_give_back_its_commission_once(platform, barber):
    leg = create_leg(platform, barber, amount=usd(15))
    sale = charge(our_reference=leg.public_id, amount=usd(15))
    record(platform, sale)
    parts = [about(sale, Kind.REFUND, amount=usd(3)) for _ in range(5)]

    run(*(recording(platform, part) for part in parts + parts))

    assert get_balances() == {}
    assert LedgerTransaction.objects.filter(kind="refund").count() == 5
    assert get_failed_checks() == set()


def test_two_batches_with_the_same_sales_in_opposite_order(platform, square, barber):
    sales = [charge(amount=usd(10_00)) for _ in range(40)]
    refunds = [about(sale, Kind.REFUND, amount=usd(2_50)) for sale in sales]
    priced = [replace(sale, version=2, fee=usd(30)) for sale in sales]

    run(
        recording(square, *sales, *refunds),
        recording(square, *reversed(refunds)),
        recording(square, *reversed(sales)),
        recording(square, *priced, *reversed(refunds)),
        recording(square, *reversed(priced)),
    )

    assert ExternalTransaction.objects.filter(fee_minor=30).count() == 40
    assert sum(Accrual.objects.values_list("amount_minor", flat=True)) == 40 * 1_50
    assert get_balances() == {"receivable": 40 * 1_50, "commission": -40 * 1_50}
    assert get_failed_checks() == set()
