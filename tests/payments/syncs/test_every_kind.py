"""What happens on an account without us comes here by sync alone, whole and once."""

from datetime import timedelta

import pytest

from payments.models import Accrual, Dispute, ExternalTransaction
from payments.states import TransactionKind
from tests import factories
from tests.payments.books import get_balances, get_failed_checks
from tests.payments.syncs.accounts import get_account, list_at_processor, list_recorded, sync

pytestmark = pytest.mark.django_db(transaction=True)

RATE = 20


class Terminal:
    """What a barber's own terminal and his processor's dashboard do."""

    def __init__(self, simulator, connection):
        self._simulator = simulator
        self._account = get_account(connection)
        self._connection = connection

    def take(self, amount_minor, tip_minor=0):
        """Return the name by which the sale is refunded or disputed."""
        taken = self._act("terminal_sales", amount_minor=amount_minor, tip_minor=tip_minor)
        return taken["id"]

    def refund(self, payment, amount_minor):
        return self._simulator.act("refunds", payment=payment, amount_minor=amount_minor)["id"]

    def dispute(self, payment, outcome):
        dispute = self._simulator.act("disputes", payment=payment)["id"]
        self._simulator.act(f"disputes/{dispute}/submit_evidence")
        self._simulator.act(f"disputes/{dispute}/{outcome}")

    def fail(self, refund):
        self._simulator.act(f"refunds/{refund}/fail")

    def charge_fee(self, amount_minor):
        self._act("processor_charges", amount_minor=amount_minor, currency="USD")

    def pay_out(self):
        self._simulator.advance(timedelta(days=3).total_seconds())
        return self._act("payouts")["payouts"]

    def _act(self, door, **body):
        names = {"processor": self._account.processor, "account_id": self._account.account_id}
        return self._simulator.act(door, **names, **body)


@pytest.fixture(params=["stripe", "square"])
def connection(request, connect):
    barber = factories.create_barber()
    factories.create_config(barber, commission_rate=RATE)
    return connect(barber, request.param)


@pytest.fixture
def terminal(simulator, connection):
    return Terminal(simulator, connection)


def list_kinds(connection):
    return {kind for kind, _, _ in list_recorded(connection)}


def test_all_that_happened_is_here_as_the_journal_has_it(simulator, connection, terminal):
    sale = terminal.take(75_00, tip_minor=15_00)
    terminal.refund(sale, 25_00)
    terminal.fail(terminal.refund(terminal.take(30_00), 10_00))
    terminal.dispute(terminal.take(40_00), "lose")
    terminal.dispute(terminal.take(50_00), "win")
    terminal.charge_fee(3_00)
    terminal.pay_out()

    run = sync(connection)

    assert (run.outcome, run.error, run.unreadable) == ("completed", "", [])
    assert list_recorded(connection) == list_at_processor(simulator, connection)
    assert list_kinds(connection) == {
        "bank_payout",
        "charge",
        "dispute",
        "dispute_won",
        "processor_charge",
        "refund",
        "refund_failed",
    }
    assert get_failed_checks() == set()


def test_a_tip_bears_no_commission_and_a_partial_refund_gives_its_part_back(connection, terminal):
    terminal.refund(terminal.take(75_00, tip_minor=15_00), 45_00)

    sync(connection)

    sale = ExternalTransaction.objects.get(kind=TransactionKind.CHARGE)
    assert (sale.amount_minor, sale.tip_minor, sale.base_minor) == (90_00, 15_00, 75_00)
    # Half of the sale is left, and so half of its base.
    assert get_balances() == {"receivable": 7_50, "commission": -7_50}


def test_disputes_lost_and_won_are_listed_with_what_they_took(connection, terminal):
    lost, won = terminal.take(40_00), terminal.take(50_00)
    terminal.dispute(lost, "lose")
    terminal.dispute(won, "win")
    terminal.pay_out()

    sync(connection)

    assert sorted(Dispute.objects.values_list("state", "amount_minor")) == [
        ("lost", 40_00),
        ("won", 50_00),
    ]
    assert get_balances() == {"receivable": 10_00, "commission": -10_00}


def test_what_came_by_sync_before_comes_again_without_a_trace(connection, terminal):
    terminal.refund(terminal.take(75_00, tip_minor=15_00), 25_00)
    terminal.dispute(terminal.take(40_00), "win")
    terminal.pay_out()
    sync(connection)
    before = list_recorded(connection), Accrual.objects.count(), get_balances()

    run = sync(connection, force=True)

    assert (run.new, run.changed) == (0, 0)
    assert (list_recorded(connection), Accrual.objects.count(), get_balances()) == before
