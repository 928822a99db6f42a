"""Builders, senders and settlers at once: every entry is paid once."""

from functools import partial

import pytest
from django.db import connection as database
from django.db import transaction

from bookedbarber.accounts.models import Barber
from payments.models import Payout, PayoutLine
from payments.operations.disputes import note_dispute
from payments.operations.payout_sending import send_payout
from payments.operations.payout_settlement import settle_payout
from payments.operations.payouts import create_payouts, list_due, pay_out
from payments.queries.payables import Payable
from payments.states import PayoutState
from processors.contract import MovementKind
from processors.models import Connection
from tests import factories
from tests.payments.books import BY, NOON, about, at_once, get_balances, get_failed_checks, record
from tests.payments.disputes import a_statement, took
from tests.payments.paying import shop
from tests.payments.payouts import (
    LATER,
    create_destination,
    lose_answer,
    pay,
    refuse,
    reserve,
    sell,
)

pytestmark = pytest.mark.django_db(transaction=True)

__all__ = ["shop"]


@pytest.fixture
def barbers() -> list[Barber]:
    platform = factories.create_platform_connection()
    found = [factories.create_barber() for _ in range(3)]
    for barber in found:
        create_destination(barber)
        for _ in range(4):
            sell(platform, barber)
    return found


def build(due: list[Payable]) -> list[Payout]:
    """Rather fails than waits for a lock."""
    with database.cursor() as cursor:
        cursor.execute("SET lock_timeout = '60s'")
    return create_payouts(due=due, by=BY, now=LATER)


def test_builders_at_once_reserve_each_entry_once(barbers):
    due = list_due(now=LATER)

    results = at_once([partial(build, due)] * 4)

    assert not [result for result in results if isinstance(result, Exception)]
    left = create_payouts(due=list_due(now=LATER), by=BY, now=LATER)
    made = [row for result in results if isinstance(result, list) for row in result] + left
    assert sorted(row.barber_id for row in made) == [barber.pk for barber in barbers]
    assert {row.amount_minor for row in made} == {4 * 57_52}
    assert PayoutLine.objects.count() == 3 * 4 * 2
    assert get_failed_checks() == set()


def test_a_barber_whom_another_builder_holds_is_left_to_that_one(barbers):
    due = list_due(now=LATER)
    with transaction.atomic():
        Barber.objects.select_for_update().get(pk=barbers[0].pk)

        (made,) = at_once([partial(build, due)])

    assert isinstance(made, list)
    assert [row.barber_id for row in made] == [barber.pk for barber in barbers[1:]]


def test_a_sale_that_is_being_taken_is_not_in_the_way(barbers):
    """It holds a share of the barber's row, as every row does that refers to one."""
    due = list_due(now=LATER)
    with transaction.atomic():
        factories.create_client(barbers[0])
        with database.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM accounts_barber WHERE id = %s FOR KEY SHARE", [barbers[0].pk]
            )

        (made,) = at_once([partial(build, due)])

    assert isinstance(made, list)
    assert len(made) == 3


def test_refunds_while_payouts_are_built_are_in_one_of_them(barbers):
    platform = Connection.objects.of_platform().get()
    (barber, *_) = barbers
    sale = sell(platform, barber)
    back = about(sale, MovementKind.REFUND)
    due = list_due(now=LATER)

    at_once(
        [
            partial(build, due),
            partial(record, platform, back),
        ]
    )

    for payout in Payout.objects.all():
        pay(payout)
    sell(platform, barber, 200_00, fee_minor=0)
    pay(reserve(barber))
    assert get_balances(barber_id=barber.pk) == {}
    assert get_failed_checks() == set()


def test_two_senders_make_one_transfer(shop):
    shop.connect()
    shop.sell()
    (payout,) = create_payouts(due=list_due(now=shop.now()), by=BY, now=shop.now())

    def send_and_settle() -> Payout:
        evidence = send_payout(payout=payout)
        return settle_payout(payout=payout, evidence=evidence, by=BY, now=shop.now())

    results = at_once([send_and_settle] * 3)

    assert not [result for result in results if isinstance(result, Exception)]
    payout.refresh_from_db()
    assert payout.state == PayoutState.PAID
    assert shop.list_transfers() == [-57_52]
    assert get_failed_checks() == set()


def test_whole_runs_at_once_pay_once(shop):
    shop.connect()
    for _ in range(3):
        shop.sell()
    now = shop.now()

    results = at_once([partial(pay_out, by=BY, now=now)] * 3)

    assert not [result for result in results if isinstance(result, Exception)]
    shop.pay_out()
    assert shop.list_transfers() == [-3 * 57_52]
    assert get_failed_checks() == set()


def test_settlers_at_once_book_one_transfer(barbers):
    payout = reserve(barbers[0])

    results = at_once([partial(pay, payout), partial(pay, payout), partial(lose_answer, payout)])

    assert not [result for result in results if isinstance(result, Exception)]
    payout.refresh_from_db()
    assert payout.state == PayoutState.PAID
    assert get_balances(barber_id=barbers[0].pk) == {}
    assert get_failed_checks() == set()


def test_a_refusal_and_a_transfer_at_once_lose_no_money(barbers):
    """Whoever is first: a transfer of a payout that had failed is taken off the next one."""
    payout = reserve(barbers[0])

    at_once([partial(pay, payout), partial(refuse, payout)])

    platform = Connection.objects.of_platform().get()
    sell(platform, barbers[0], 1000_00, fee_minor=0)
    pay(reserve(barbers[0]))
    assert get_balances(barber_id=barbers[0].pk) == {}
    assert get_failed_checks() == set()


def test_a_dispute_told_by_several_at_once_is_one(barbers):
    platform = Connection.objects.of_platform().get()
    sale = sell(platform, barbers[0])
    statement = a_statement(sale, movements=(took(sale),))
    note = partial(note_dispute, statement=statement, connection=platform, by=BY, now=NOON)

    results = at_once([note] * 4)

    assert not [result for result in results if isinstance(result, Exception)]
    assert get_failed_checks() == set()
