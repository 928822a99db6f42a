"""A payout's entries are beside the sales that they name."""

import pytest
from django.utils import timezone

from bookedbarber.foundation.errors import DomainError
from payments.models import Discrepancy, ExternalTransaction
from tests import factories
from tests.payments.books import get_balances
from tests.payments.reconciliation.accounts import (
    list_open,
    plant,
    reconcile,
    sell_and_sync,
    settle,
)
from tests.payments.syncs.accounts import sell, sync

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


@pytest.fixture
def named(connect, simulator):
    """The item of a sale that a payout named while no list had it."""
    barber = factories.create_barber()
    factories.create_config(barber, commission_rate=20)
    square = connect(barber, "square")
    [sold] = sell(simulator, square, tip_minor=4_00)
    counted = {"amount_minor": 24_00, "tip_minor": 0, "fee_minor": None, "currency": "USD"}
    return Discrepancy.objects.create(
        kind="entry_without_movement", connection=square, movement_kind="charge",
        external_id=sold["id"], occurred_at=timezone.now(), fixes=["accept_theirs"],
        theirs={"state": "completed", **counted}, explanation="named",
    )  # fmt: skip


def test_a_sale_that_only_a_payout_names_is_recorded_with_its_tip_and_fee(named):
    settle(named)

    sale = ExternalTransaction.objects.get()
    assert (sale.external_id, sale.amount_minor, sale.tip_minor) == (named.external_id, 24_00, 4_00)
    assert sale.fee_minor == 72
    assert get_balances() == {"receivable": 4_00, "commission": -4_00}
    assert reconcile(named.connection).found == {}


def test_while_its_processor_does_not_answer_nothing_is_guessed(named, simulator, settings):
    settings.PROCESSOR_RETRY_SECONDS = 0.01
    account = named.connection.account_id
    simulator.add_fault("garbage", account_id=account, times="always")

    with pytest.raises(DomainError):
        settle(named)

    assert not ExternalTransaction.objects.exists()
    assert named.external_id in list_open()
