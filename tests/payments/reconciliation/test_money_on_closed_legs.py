"""Money that moved on a leg which had been closed without it goes back, once."""

from itertools import count

import pytest
from django.db import OperationalError
from django.utils import timezone

from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.models import AuditEntry
from payments.models import Accrual, Discrepancy, ExternalTransaction, PaymentLeg, Refund
from payments.operations.difference_fixes import FixNotPossible
from payments.operations.explanations import NotToBeExplained, explain_movement
from payments.operations.refund_news import note_refund
from payments.states import LegState, Mode
from processors.contract import MovementKind, RefundState, RefundStatement
from processors.errors import AnswerLost, RequestRefused
from tests import factories
from tests.payments.books import (
    about,
    charge,
    create_leg,
    get_balances,
    get_failed_checks,
    record,
)
from tests.payments.reconciliation.accounts import move_on_closed_leg, reconcile, settle
from tests.payments.reconciliation.giving_back import (
    assert_given_back,
    disputed,
    settle_ten_at_once,
)
from tests.payments.refunding import cut_before_write, list_refunded
from tests.payments.syncs.accounts import BY, sync

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stray(platform, simulator):
    """On the platform's account 75.00 come in for a payment that was declined."""
    return move_on_closed_leg(simulator, platform)


def name_leg(stray: Discrepancy) -> None:
    """The processor's payment is the one that it had declined at first."""
    assert stray.transaction
    PaymentLeg.objects.filter(discrepancies=stray).update(external_id=stray.transaction.group_id)


def explain(stray: Discrepancy) -> ExternalTransaction:
    assert stray.transaction
    return explain_movement(
        movement=stray.transaction,
        barber=factories.create_barber(),
        reason="His reader",
        by=BY,
        now=timezone.now(),
    )


def assert_settled(row: Discrepancy, simulator) -> None:
    assert_given_back(row, "refund_it", simulator)
    assert get_balances().get("suspense", 0) == 0
    assert not Accrual.objects.exists()


@pytest.mark.parametrize("is_named", [False, True])
@pytest.mark.parametrize("processor", ["stripe", "square"])
def test_it_is_given_back_and_leaves_nothing_but_the_fee(
    platform, connect, simulator, processor, is_named
):
    barber, connection = factories.create_barber(), platform
    if processor == "square":
        factories.create_config(barber, mode=Mode.DECENTRALIZED)
        connection = connect(barber)
    row = move_on_closed_leg(simulator, connection, barber)
    assert row.fixes == ["refund_it", "ignore"]
    if is_named:
        name_leg(row)

    settled = settle(row)

    assert settled.state == "resolved"
    assert_settled(row, simulator)
    fee = {"clearing": -2_48, "processing_fees": 2_48}
    assert get_balances() == ({} if processor == "square" else fee)
    assert Refund.objects.filter(is_compensation=True).count() == is_named
    assert reconcile(connection).found == {}
    with pytest.raises(NotToBeExplained):
        explain(row)


def test_ten_at_once_give_it_back_once(stray, simulator):
    settle_ten_at_once(stray, simulator)

    assert_settled(stray, simulator)


def test_wherever_it_is_cut_a_repetition_goes_on(stray, simulator):
    account, made = stray.connection.account_id, set()
    for place in count(1):
        try:
            with cut_before_write(place):
                settle(stray)
            break
        except OperationalError:
            made.add(len(list_refunded(simulator, account)))
            assert get_failed_checks() == set()

    assert made == {0, 1}
    assert_settled(stray, simulator)


def test_an_answer_that_is_lost_is_found_by_the_repetition(stray, simulator):
    account = stray.connection.account_id
    simulator.add_fault("error_after", account_id=account, operation="refund", times=9)

    with pytest.raises(AnswerLost):
        settle(stray)
    simulator.clear_faults()
    with pytest.raises(NotToBeExplained):
        explain(stray)
    settle(stray)

    assert_settled(stray, simulator)


def test_what_was_refunded_in_the_dashboard_is_not_refunded_again(stray, simulator):
    simulator.act("refunds", payment=stray.transaction.external_id)

    settle(stray)

    assert_settled(stray, simulator)


def test_what_was_refunded_in_part_is_given_back_to_the_rest(stray, simulator):
    simulator.act("refunds", payment=stray.transaction.external_id, amount_minor=20_00)
    settle(stray)

    assert list_refunded(simulator, stray.connection.account_id) == [20_00, 55_00]
    assert get_balances() == {"clearing": -2_48, "processing_fees": 2_48}
    assert Discrepancy.objects.open().count() == 0


def test_a_refund_in_the_dashboard_settles_it_by_itself(stray, simulator):
    simulator.act("refunds", payment=stray.transaction.external_id)
    sync(stray.connection, force=True)

    assert_settled(stray, simulator)


def test_a_refusal_leaves_it_open_and_is_no_answer_to_the_next_time(stray, simulator):
    with disputed(simulator, stray.transaction.external_id):
        with pytest.raises(RequestRefused):
            settle(stray)
        stray.refresh_from_db()
        assert (stray.state, stray.fix) == ("open", "")
        refused = AuditEntry.objects.get(action="discrepancy.refund_refused")
        assert refused.subject == stray.public_id

    settle(stray)

    assert_given_back(stray, "refund_it", simulator)


@pytest.mark.parametrize("is_named", [False, True])
def test_a_refund_that_fails_later_is_another_item_that_is_refunded_again(
    stray, platform, simulator, is_named
):
    if is_named:
        name_leg(stray)
    settle(stray)
    refund = ExternalTransaction.objects.get(kind="refund")
    simulator.act(f"refunds/{refund.external_id}/fail")
    sync(platform, force=True)

    [again] = Discrepancy.objects.open()
    assert (again.kind, again.leg, again.fixes) == (stray.kind, stray.leg, ["refund_it", "ignore"])
    assert get_balances()["suspense"] == -75_00
    assert get_failed_checks() == set()

    settle(again)

    assert list_refunded(simulator, platform.account_id) == [75_00, 75_00]
    assert Discrepancy.objects.open().count() == 0
    assert get_balances().get("suspense", 0) == 0
    assert get_failed_checks() == set()


def test_while_the_refund_is_pending_it_stays_open(connect, simulator):
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.DECENTRALIZED)
    square = connect(barber, refund_delay_seconds=3600)
    row = move_on_closed_leg(simulator, square, barber)

    for _ in range(2):
        assert settle(row).state == "open"
    simulator.advance(3700)
    settle(row)

    assert_settled(row, simulator)


def test_what_was_explained_is_not_given_back(stray, simulator):
    explain(stray)

    with pytest.raises(FixNotPossible):
        settle(stray, "refund_it")

    assert list_refunded(simulator, stray.connection.account_id) == []
    assert get_failed_checks() == set()


def test_it_is_no_refund_of_the_sale_that_another_leg_has_taken(platform):
    taken = create_leg(platform, factories.create_barber())
    refused = PaymentLeg.objects.get(pk=taken.pk)
    refused.pk, refused.public_id, refused.external_id = None, new_public_id("leg"), "pi_refused"
    refused.state = LegState.FAILED
    refused.save(force_insert=True)
    stray = charge(our_reference=refused.public_id, group_id="pi_refused")
    record(platform, charge(our_reference=taken.public_id), stray)
    returned = about(stray, MovementKind.REFUND, external_id="re_1", group_id="pi_refused")
    statement = RefundStatement(
        state=RefundState.SUCCEEDED,
        external_id="re_1",
        payment_external_id="pi_refused",
        amount=returned.amount,
        occurred_at=returned.occurred_at,
        movements=(returned,),
    )

    note_refund(connection=platform, statement=statement, by=BY, now=timezone.now())

    taken.payment.refresh_from_db()
    assert taken.payment.status == "completed"
    assert Discrepancy.objects.get().state == "resolved"
    assert get_failed_checks() == set()
