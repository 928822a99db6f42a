"""The later one of two sales that are one visit goes back, once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from payments.models import Discrepancy, Payment
from payments.operations.difference_fixes import NotRefunded, SaleDisputed
from payments.operations.refund_requests import request_refund
from payments.states import Mode
from processors.errors import AnswerLost, RequestRefused
from tests import factories
from tests.killing import die_at
from tests.payments.books import get_failed_checks, usd
from tests.payments.reconciliation.accounts import reconcile, settle
from tests.payments.reconciliation.giving_back import (
    assert_given_back,
    disputed,
    list_keys,
    settle_ten_at_once,
)
from tests.payments.refunding import list_refunded, take
from tests.payments.syncs.accounts import BY, sell, sync

pytestmark = pytest.mark.django_db(transaction=True)

# Before and after each call and each commit: what is recorded, listed, sent, noted, settled.
BOUNDARIES = 10


@pytest.fixture
def stripe(connect):
    return connect(factories.create_barber(), "stripe")


def sell_twice(simulator, connection, amounts: list[int]) -> list[Discrepancy]:
    """At a terminal, five minutes apart; what a reconciliation says of them."""
    for minor in amounts:
        sell(simulator, connection, 2, apart=timedelta(minutes=5), amount_minor=minor)
    sync(connection)
    reconcile(connection)
    return list(Discrepancy.objects.order_by("transaction__amount_minor"))


@pytest.fixture
def twice(stripe, simulator):
    [row] = sell_twice(simulator, stripe, [75_00])
    assert row.fixes == ["refund_one", "ignore"]
    return row


@pytest.fixture
def ours(platform, connect, simulator):
    """75.00 were paid to us, minutes after they were paid at the barber's own terminal."""
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.CENTRALIZED)
    square = connect(barber)
    sell(simulator, square, amount_minor=75_00)
    sync(square)
    take(barber)
    reconcile(platform)
    return Discrepancy.objects.get(connection=platform)


def test_ten_at_once_give_it_back_once(twice, simulator):
    settle_ten_at_once(twice, simulator)

    assert_given_back(twice, "refund_one", simulator)


def test_killed_at_any_boundary_it_is_given_back_once(stripe, simulator):
    amounts = [20_00 + place for place in range(BOUNDARIES + 1)]
    rows = sell_twice(simulator, stripe, amounts)

    deaths = [die_at(number, lambda of=row: settle(of)) for number, row in enumerate(rows, start=1)]
    made = list_refunded(simulator, stripe.account_id)
    for row in rows:
        settle(row)

    assert deaths == [True] * BOUNDARIES + [False]
    assert 1 < len(made) < len(rows)
    assert sorted(list_refunded(simulator, stripe.account_id)) == amounts
    assert not Discrepancy.objects.open().exists()
    assert get_failed_checks() == set()


@pytest.mark.parametrize("parts", [(75_00,), (20_00, 55_00)])
def test_what_was_refunded_in_the_dashboard_is_not_refunded_again(twice, simulator, parts):
    simulator.act("refunds", payment=twice.external_id, amount_minor=parts[0])

    settle(twice)

    assert_given_back(twice, "refund_one", simulator, parts)


def test_after_an_unknown_outcome_it_is_the_same_refund(twice, simulator):
    account = twice.connection.account_id
    simulator.add_fault("error_before", account_id=account, operation="refund", times=9)
    with pytest.raises(AnswerLost):
        settle(twice)
    simulator.clear_faults()

    settle(twice)

    assert_given_back(twice, "refund_one", simulator)
    assert set(list_keys(simulator, twice)) == {twice.public_id}


def test_what_was_refused_once_is_given_back_at_the_second_try(twice, simulator):
    with disputed(simulator, twice.external_id):
        with pytest.raises(RequestRefused):
            settle(twice)
        twice.refresh_from_db()
        assert (twice.state, twice.fix) == ("open", "")

    settle(twice)

    assert_given_back(twice, "refund_one", simulator)


def test_a_payment_of_ours_that_was_refused_is_not_called_given_back(ours, simulator):
    with disputed(simulator, ours.external_id), pytest.raises(NotRefunded):
        settle(ours)
    ours.refresh_from_db()
    assert ours.state == "open"

    settle(ours)

    assert_given_back(ours, "refund_one", simulator)


def test_what_is_left_of_a_payment_of_ours_is_given_back(ours, simulator):
    values = {"amount": usd(20_00), "reason": "", "by": BY, "now": timezone.now()}
    request_refund(payment=Payment.objects.get(), **values)

    settle(ours)

    assert_given_back(ours, "refund_one", simulator, (20_00, 55_00))


def test_money_that_is_in_dispute_was_not_given_back(twice, simulator):
    with disputed(simulator, twice.external_id):
        sync(twice.connection, force=True)
        with pytest.raises(SaleDisputed):
            settle(twice)
    sync(twice.connection, force=True)

    settle(twice)

    assert_given_back(twice, "refund_one", simulator)
