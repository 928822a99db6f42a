"""What is planted at a processor is found, named right, and settled by its suggested fix."""

import pytest

from payments.models import Accrual, Discrepancy, ExternalTransaction
from tests.payments.books import get_failed_checks
from tests.payments.reconciliation.accounts import (
    NAMES,
    list_open,
    plant,
    reconcile,
    sell_and_sync,
    settle,
)
from tests.payments.syncs.accounts import sync

pytestmark = pytest.mark.django_db(transaction=True)

# Twenty-five on each of the two accounts.
KINDS = [
    *["amount", "currency", "fee", "status", "deleted", "duplicate"] * 3,
    *["added"] * 4,
    *["amount", "fee", "status"],
]


def test_an_account_that_agrees_has_no_differences(connection, simulator):
    sell_and_sync(simulator, connection, 5)

    run = reconcile(connection)

    assert (run.outcome, run.error) == ("completed", "")
    assert (run.here, run.there, run.matched, run.found) == (5, 5, 5, {})
    assert not Discrepancy.objects.exists()


def test_each_of_many_is_found_named_and_settled(connection, simulator):
    names = iter(sell_and_sync(simulator, connection, len(KINDS)))
    planted = {
        plant(simulator, connection, kind, "" if kind == "added" else next(names)): NAMES[kind]
        for kind in KINDS
    }

    run = reconcile(connection)

    assert (run.outcome, run.error) == ("completed", "")
    assert list_open() == planted
    assert run.opened == len(KINDS) == 25
    for row in Discrepancy.objects.open():
        settle(row)
    assert list_open() == {}
    assert get_failed_checks() == set()
    again = reconcile(connection)
    assert (again.found, again.opened, again.resolved) == ({}, 0, 0)
    assert again.matched == again.there


def test_the_commission_follows_what_the_processor_says(connection, simulator):
    name, *_ = sell_and_sync(simulator, connection, 1)
    plant(simulator, connection, "amount", name)
    reconcile(connection)

    settle(Discrepancy.objects.get())

    sale = ExternalTransaction.objects.get(external_id=name)
    assert sale.amount_minor != 17_00
    assert sum(step.amount_minor for step in Accrual.objects.filter(sale=sale)) == 3_40


@pytest.mark.parametrize("kind", ["amount", "currency", "status", "deleted", "fee"])
def test_a_sync_after_the_fix_finds_nothing_to_say(connection, simulator, kind):
    name, *_ = sell_and_sync(simulator, connection, 1)
    plant(simulator, connection, kind, name)
    reconcile(connection)
    settle(Discrepancy.objects.get())
    before = ExternalTransaction.objects.count()

    sync(connection, force=True)

    assert ExternalTransaction.objects.count() == before
    assert list_open() == {}
    assert get_failed_checks() == set()
