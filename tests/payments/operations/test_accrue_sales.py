"""Commission of a sale is a target; accruals are the steps to it."""

from decimal import Decimal

import pytest

from payments.models import Accrual, ExternalTransaction
from payments.operations.accruals import accrue_sales
from tests import factories
from tests.payments.books import (
    BY,
    NOON,
    charge,
    create_leg,
    get_balances,
    get_failed_checks,
    record,
    usd,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def square(db):
    return factories.create_connection(factories.create_barber())


def accrue(*sale_ids: int) -> int:
    return accrue_sales(sale_ids, by=BY, now=NOON)


def list_steps() -> list[tuple[int, int, int]]:
    steps = Accrual.objects.order_by("sale_id", "revision")
    return list(steps.values_list("revision", "base_minor", "amount_minor"))


def test_a_sale_makes_one_accrual_with_its_posting(square):
    record(square, charge())

    accrual = Accrual.objects.get()
    assert (accrual.commission_minor, accrual.kept_minor, accrual.amount_minor) == (15_00, 0, 15_00)
    assert (accrual.rate, accrual.base_minor, accrual.currency) == (20, 75_00, "USD")
    assert (accrual.occurred_at, accrual.created_at) == (NOON, NOON)
    assert get_failed_checks() == set()


def test_again_it_writes_nothing(square):
    ids = record(square, charge(), charge())

    assert accrue(*ids) == 0
    assert accrue(*ids, *ids) == 0
    assert list_steps() == [(1, 75_00, 15_00), (1, 75_00, 15_00)]


def test_no_sales_no_accruals(square):
    assert accrue() == 0
    assert accrue(10**9) == 0


def test_a_changed_base_makes_the_step_that_is_missing(square):
    (sale_id,) = record(square, charge())

    ExternalTransaction.objects.filter(pk=sale_id).update(base_minor=60_00)
    assert accrue(sale_id) == 1
    ExternalTransaction.objects.filter(pk=sale_id).update(base_minor=0)
    assert accrue(sale_id) == 1

    assert list_steps() == [(1, 75_00, 15_00), (2, 60_00, -3_00), (3, 0, -12_00)]
    assert get_balances() == {}
    assert get_failed_checks() == set()


def test_steps_never_drift_by_a_cent():
    barber = factories.create_barber()
    factories.create_config(barber, commission_rate=Decimal(10))
    (sale_id,) = record(factories.create_connection(barber), charge(amount=usd(15)))

    for left in (10, 5, 0):
        ExternalTransaction.objects.filter(pk=sale_id).update(base_minor=left)
        accrue(sale_id)

    assert [amount for _, _, amount in list_steps()] == [2, -1, -1]
    assert get_balances() == {}


def test_a_sale_on_the_platform_leaves_nothing_to_owe():
    platform = factories.create_platform_connection()
    leg = create_leg(platform, factories.create_barber())

    (sale_id,) = record(platform, charge(our_reference=leg.public_id))

    assert accrue(sale_id) == 0
    assert not Accrual.objects.exists()
