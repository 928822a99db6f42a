"""A payout's entries are beside the sales that they name."""

import pytest

from payments.models import Discrepancy, ExternalTransaction
from tests import factories
from tests.payments.reconciliation.accounts import (
    list_open,
    plant,
    reconcile,
    sell_and_sync,
    settle,
)
from tests.payments.syncs.accounts import sync

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid_out(connect, simulator):
    """A Square account whose sale is in a payout."""
    square = connect(factories.create_barber(), "square", funds_delay_seconds=0)
    [square.sale_name] = sell_and_sync(simulator, square, 1)
    simulator.act("payouts", processor="square", account_id=square.account_id)
    sync(square)
    return square


def test_a_payout_of_sales_that_are_here_agrees(paid_out):
    assert ExternalTransaction.objects.filter(kind="bank_payout").exists()
    assert reconcile(paid_out).found == {}


def test_an_entry_of_a_sale_that_nobody_has_is_named(paid_out, simulator):
    plant(simulator, paid_out, "deleted", paid_out.sale_name)
    ExternalTransaction.objects.filter(kind="charge").update(external_id="another")

    reconcile(paid_out)

    assert list_open()[paid_out.sale_name] == "entry_without_movement"
    row = Discrepancy.objects.get(external_id=paid_out.sale_name)
    assert "A payout of Square contains" in row.explanation
    settle(row, "ignore", reason="Square support deleted it.")
    assert reconcile(paid_out).opened == 0
