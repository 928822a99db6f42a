"""Disputes: the newest word counts, and money moves by movements alone."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookedbarber.foundation.models import StateChange
from payments.models import Dispute, ExternalTransaction, Payment
from payments.operations.disputes import follow_disputes
from payments.operations.explanations import explain_movement
from payments.states import DISPUTE_TRANSITIONS, DisputeState
from processors.contract import DisputeState as Said
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
from tests.payments.disputes import a_statement, gave_back, get_withdrawn, note, took
from tests.payments.payouts import sell

pytestmark = pytest.mark.django_db


@pytest.fixture
def platform():
    return factories.create_platform_connection()


@pytest.fixture
def barber():
    return factories.create_barber()


def get_payment(dispute: Dispute) -> Payment:
    assert dispute.payment_id is not None
    return Payment.objects.get(pk=dispute.payment_id)


def test_an_inquiry_moves_no_money(platform, barber):
    sale = sell(platform, barber)
    before = get_balances()

    dispute = note(platform, a_statement(sale, state=Said.INQUIRY))

    assert (dispute.state, dispute.barber_id) == (DisputeState.INQUIRY, barber.pk)
    assert get_payment(dispute).status == "completed"
    assert get_balances() == before


def test_money_that_was_taken_is_a_movement_with_its_fee(platform, barber):
    sale = sell(platform, barber)

    dispute = note(platform, a_statement(sale, movements=(took(sale),)))

    assert get_withdrawn(dispute) == 75_00
    assert get_payment(dispute).status == "disputed"
    assert get_balances(account__code="commission") == {}
    assert get_balances(account__code="payable") == {"payable": 2_48 + 15_00}
    assert get_failed_checks() == set()


def test_a_dispute_that_is_won_gives_back_money_and_commission(platform, barber):
    sale = sell(platform, barber)
    taken = took(sale)
    note(platform, a_statement(sale, movements=(taken,)))

    dispute = note(
        platform,
        a_statement(sale, state=Said.WON, version=2, movements=(taken, gave_back(sale))),
    )

    assert (dispute.state, get_withdrawn(dispute)) == (DisputeState.WON, 0)
    assert get_payment(dispute).status == "completed"
    assert get_balances(account__code="commission") == {"commission": -15_00}
    assert get_failed_checks() == set()


def test_a_lost_dispute_on_the_barbers_account_gives_commission_back(barber):
    square = factories.create_connection(barber)
    sale = charge()
    record(square, sale)

    dispute = note(square, a_statement(sale, state=Said.LOST, movements=(took(sale),)))

    assert dispute.barber_id == barber.pk
    assert get_balances() == {}
    assert get_failed_checks() == set()


def test_an_older_word_changes_nothing(platform, barber):
    sale = sell(platform, barber)
    note(platform, a_statement(sale, state=Said.LOST, version=5))

    dispute = note(platform, a_statement(sale, state=Said.UNDER_REVIEW, version=4, reason="other"))

    assert (dispute.state, dispute.reason) == (DisputeState.LOST, "fraudulent")


def test_the_same_word_twice_writes_nothing(platform, barber):
    sale = sell(platform, barber)
    statement = a_statement(sale, movements=(took(sale),))
    note(platform, statement)
    before = list(Dispute.objects.values()), StateChange.objects.count(), get_balances()

    note(platform, statement)

    assert (list(Dispute.objects.values()), StateChange.objects.count(), get_balances()) == before


def test_a_dispute_whose_charge_comes_later_finds_it(platform, barber):
    leg = create_leg(platform, barber)
    sale = charge(our_reference=leg.public_id, fee=usd(2_48))
    dispute = note(platform, a_statement(sale, movements=(took(sale),)))
    assert (dispute.payment_id, dispute.barber_id) == (None, None)

    record(platform, sale)
    follow_disputes()

    dispute.refresh_from_db()
    assert (dispute.payment_id, dispute.barber_id) == (leg.payment_id, barber.pk)
    assert get_payment(dispute).disputed_minor == 75_00


def test_a_dispute_of_money_that_a_person_explains_later_is_that_barbers(platform, barber):
    unexplained = charge(fee=usd(2_48))
    record(platform, unexplained)
    dispute = note(platform, a_statement(unexplained))

    explain_movement(
        movement=ExternalTransaction.objects.get(),
        barber=barber,
        reason="a terminal",
        by=BY,
        now=NOON,
    )
    follow_disputes()

    dispute.refresh_from_db()
    assert dispute.barber_id == barber.pk


def test_movements_that_come_by_themselves_are_followed(platform, barber):
    sale = sell(platform, barber)
    dispute = note(platform, a_statement(sale))

    record(platform, took(sale))
    assert follow_disputes() == 1
    assert follow_disputes() == 0

    assert get_payment(dispute).disputed_minor == 75_00


def test_two_disputes_of_one_payment_are_both_counted(platform, barber):
    sale = sell(platform, barber)
    first, second = took(sale, amount=usd(30_00)), took(sale, name="txn_2", amount=usd(20_00))
    note(platform, a_statement(sale, movements=(first,)))
    other = replace(second, group_id="dp_second")

    dispute = note(platform, a_statement(sale, external_id="dp_second", movements=(other,)))

    assert get_payment(dispute).disputed_minor == 50_00


def test_each_state_can_be_left_for_what_may_follow_when_facts_were_missed():
    assert DISPUTE_TRANSITIONS.keys() == set(DisputeState)
    for state in (DisputeState.WON, DisputeState.LOST):
        assert DisputeState.INQUIRY not in DISPUTE_TRANSITIONS[state]


LIFE = [
    (Said.INQUIRY, 0),
    (Said.NEEDS_RESPONSE, 0),
    (Said.NEEDS_RESPONSE, 1),
    (Said.UNDER_REVIEW, 1),
    (Said.LOST, 1),
    (Said.WON, 2),
    (Said.LOST, 3),
]


@given(
    told=st.lists(st.integers(0, len(LIFE) - 1), min_size=1, max_size=12),
    is_on_platform=st.booleans(),
)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_the_order_the_newest_word_and_all_money_are_there(told, is_on_platform):
    barber = factories.create_barber()
    if is_on_platform:
        account = factories.create_platform_connection(
            account_id=f"acct_{next(_accounts)}", state="disconnected"
        )
        sale = sell(account, barber)
    else:
        account = factories.create_connection(barber)
        sale = charge()
        record(account, sale)
    moved = [
        took(sale, name=f"txn_1_{sale.external_id}"),
        gave_back(sale, name=f"txn_2_{sale.external_id}"),
        took(sale, name=f"txn_3_{sale.external_id}"),
    ]

    for place in told:
        state, count = LIFE[place]
        note(
            account,
            a_statement(sale, state=state, version=place, movements=tuple(moved[:count])),
        )

    state, _ = LIFE[max(told)]
    most = max(LIFE[place][1] for place in told)
    dispute = Dispute.objects.get(connection=account)
    assert dispute.state == state.value
    assert get_withdrawn(dispute) == 75_00 * (most % 2)
    assert ExternalTransaction.objects.filter(connection=account).count() == 1 + most
    if dispute.payment_id:
        assert get_payment(dispute).disputed_minor == 75_00 * (most % 2)
    assert get_failed_checks() == set()


_accounts = itertools.count(1)
