"""Paying out at the processor: made once, refused, lost on the way, taken back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookedbarber.foundation.models import AuditEntry
from payments.models import Discrepancy, Payout
from payments.operations.movements import MovementFact, record_movements
from payments.operations.payout_sending import send_payout
from payments.operations.payout_settlement import settle_payout
from payments.operations.payout_unknowns import (
    PayoutNotOpen,
    ask_again,
    mark_lost_payouts,
    settle_unknown_payouts,
)
from payments.operations.payouts import create_payouts, list_due
from payments.operations.transfers import follow_reversals, note_bank_payout, note_transfer
from payments.queries.payables import list_payables
from payments.states import BankState, DiscrepancyKind, PayoutObstacle, PayoutState
from processors.contract import PayoutAccounts, Transfers
from processors.operations.accounts import AccountAlreadyConnected
from processors.registry import get_adapter
from tests import factories
from tests.payments.books import get_balances, get_failed_checks
from tests.payments.paying import BY, shop
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

__all__ = ["shop"]


def get_payable(shop, **later):
    (payable,) = list_payables(now=shop.now(**later), barber_ids=[shop.barber.pk])
    return payable


def test_a_barber_gets_what_is_owed_by_one_transfer(shop):
    shop.connect()
    shop.sell()
    shop.sell(40_00)

    (payout,) = shop.pay_out()

    assert (payout.state, payout.amount_minor) == (PayoutState.PAID, 57_52 + 30_54)
    assert shop.list_transfers() == [-88_06]
    assert get_balances(account__code="payable") == {}
    assert get_failed_checks() == set()


def test_paying_out_again_pays_nothing_more(shop):
    shop.connect()
    shop.sell()
    shop.pay_out()

    assert shop.pay_out() == []
    assert shop.list_transfers() == [-57_52]


def test_an_account_is_asked_before_it_is_paid(shop):
    shop.connect()
    shop.sell()
    shop.simulator.change_account(shop.account, payouts_enabled=False)

    made = shop.pay_out(hours=2)

    assert made == []
    decision = get_payable(shop).decision
    assert decision.obstacle == PayoutObstacle.PAYOUTS_DISABLED
    assert "payouts to its bank" in decision.explanation


def test_an_account_that_left_the_platform_is_not_paid(shop):
    shop.connect()
    shop.sell()
    shop.simulator.change_account(shop.account, platform=None)

    assert shop.pay_out(hours=2) == []
    assert "connect it again" in get_payable(shop).decision.explanation


def test_a_barbers_own_stripe_account_is_taken_where_it_is_connected(shop, connect):
    own = connect(shop.barber, "stripe", platform=shop.platform.account_id)
    factories.create_config(shop.barber, mode="centralized")
    shop.sell()

    (payout,) = shop.pay_out()

    assert (payout.state, payout.destination) == (PayoutState.PAID, own)


def test_too_little_money_at_the_processor_frees_the_lines_and_says_so(shop):
    shop.connect()
    shop.simulator.change_account(shop.at_stripe, funds_delay_seconds=3600)
    shop.sell()

    (payout,) = shop.pay_out(hours=2)

    assert (payout.state, payout.failure_code) == (PayoutState.FAILED, "balance_insufficient")
    assert not payout.lines.filter(released_at=None).exists()
    assert shop.list_transfers() == []
    shop.simulator.advance(3601)
    (again,) = shop.pay_out(hours=2)
    assert again.state == PayoutState.PAID
    assert get_failed_checks() == set()


def test_an_answer_that_was_lost_is_found_and_not_paid_twice(shop):
    shop.connect()
    shop.sell()
    shop.spoil_transfer("reset_after")

    (payout,) = shop.pay_out()
    assert payout.state == PayoutState.UNKNOWN
    assert shop.pay_out() == []
    settle_unknown_payouts(now=shop.now(seconds=10))

    payout.refresh_from_db()
    assert payout.state == PayoutState.PAID
    assert shop.list_transfers() == [-57_52]
    assert get_failed_checks() == set()


def test_a_transfer_that_never_arrived_is_repeated_under_its_key(shop):
    shop.connect()
    shop.sell()
    shop.spoil_transfer("error_before")

    (payout,) = shop.pay_out()
    settle_unknown_payouts(now=shop.now(seconds=10))

    payout.refresh_from_db()
    assert payout.state == PayoutState.PAID
    assert shop.list_transfers() == [-57_52]


def test_a_transfer_that_comes_late_is_not_made_twice(shop):
    shop.connect()
    shop.sell()
    shop.spoil_transfer("commit_late", seconds=3600)

    (payout,) = shop.pay_out()
    settle_unknown_payouts(now=shop.now(seconds=10))
    assert shop.list_transfers() == []
    shop.simulator.advance(3600)
    wait_until(shop.list_transfers)
    settle_unknown_payouts(now=shop.now(hours=1))

    payout.refresh_from_db()
    assert payout.state == PayoutState.PAID
    assert shop.list_transfers() == [-57_52]


def test_a_refused_key_pays_nobody_and_ends_the_run(shop):
    shop.connect()
    other = factories.create_barber()
    shop.connect(other, shop.simulator.create_account("stripe", platform=shop.platform.account_id))
    shop.sell()
    shop.sell(barber=other)
    shop.spoil_transfer("revoked_token", times=None)

    made = shop.pay_out()

    assert [payout.state for payout in made] == [PayoutState.FAILED] * 2
    assert [payout.failure_code for payout in made] == ["credentials", "not_sent"]
    assert not Payout.objects.filter(lines__released_at=None).exists()
    assert get_failed_checks() == set()


def test_cut_after_the_claim_the_sweeper_goes_on(shop):
    shop.connect()
    shop.sell()
    (payout,) = create_payouts(due=list_due(now=shop.now()), by=BY, now=shop.now())

    assert mark_lost_payouts(now=timezone.now()) == 0
    assert mark_lost_payouts(now=timezone.now() + timedelta(hours=1)) == 1
    settle_unknown_payouts(now=shop.now(hours=2))

    payout.refresh_from_db()
    assert payout.state == PayoutState.PAID
    assert shop.list_transfers() == [-57_52]
    assert get_failed_checks() == set()


def test_cut_after_the_transfer_the_sweeper_finds_it(shop):
    shop.connect()
    shop.sell()
    (payout,) = create_payouts(due=list_due(now=shop.now()), by=BY, now=shop.now())
    send_payout(payout=payout)

    mark_lost_payouts(now=timezone.now() + timedelta(hours=1))
    settle_unknown_payouts(now=shop.now(hours=2))

    payout.refresh_from_db()
    assert payout.state == PayoutState.PAID
    assert shop.list_transfers() == [-57_52]
    assert get_failed_checks() == set()


def test_settling_twice_changes_nothing(shop):
    shop.connect()
    shop.sell()
    (payout,) = create_payouts(due=list_due(now=shop.now()), by=BY, now=shop.now())
    evidence = send_payout(payout=payout)
    settle_payout(payout=payout, evidence=evidence, by=BY, now=shop.now())
    before = get_balances()

    settle_payout(payout=payout, evidence=evidence, by=BY, now=shop.now())

    assert get_balances() == before
    assert get_failed_checks() == set()


def test_after_a_day_without_an_answer_a_person_is_told(shop):
    shop.connect()
    shop.sell()
    shop.spoil_transfer("error_before", times=None)
    (payout,) = shop.pay_out()

    settle_unknown_payouts(now=shop.now(hours=25))

    found = Discrepancy.objects.get()
    assert (found.kind, found.payout) == (DiscrepancyKind.OUTCOME_UNKNOWN, payout)


def test_a_person_may_ask_at_once(shop):
    shop.connect()
    shop.sell()
    shop.spoil_transfer("reset_after")
    (payout,) = shop.pay_out()

    asked = ask_again(payout=payout, by="usr_operator", now=shop.now())

    assert asked.state == PayoutState.PAID
    with pytest.raises(PayoutNotOpen):
        ask_again(payout=asked, by="usr_operator", now=shop.now())


def test_what_was_taken_back_is_owed_again(shop):
    shop.connect()
    shop.sell()
    (payout,) = shop.pay_out()
    shop.simulator.act(f"transfers/{payout.external_id}/reverse", amount_minor=20_00)
    transfers = get_adapter(shop.platform.get_access(), Transfers)

    noted = note_transfer(
        statement=transfers.retrieve_transfer(payout.external_id),
        connection=shop.platform,
        by="webhook:test",
        now=shop.now(),
    )

    assert noted is not None
    assert (noted.state, noted.reversed_minor) == (PayoutState.PARTLY_REVERSED, 20_00)
    assert get_balances(account__code="payable") == {"payable": -20_00}
    (again,) = shop.pay_out()
    assert again.amount_minor == 20_00
    assert get_failed_checks() == set()


def test_a_reversal_that_came_as_a_movement_alone_is_followed(shop):
    shop.connect()
    shop.sell()
    (payout,) = shop.pay_out()
    shop.simulator.act(f"transfers/{payout.external_id}/reverse")
    transfers = get_adapter(shop.platform.get_access(), Transfers)
    statement = transfers.retrieve_transfer(payout.external_id)
    facts = [MovementFact(shop.platform, movement) for movement in statement.movements]
    record_movements(facts, by="job:sync", now=shop.now())

    assert follow_reversals(by="job:test") == 1
    assert follow_reversals(by="job:test") == 0

    payout.refresh_from_db()
    assert payout.state == PayoutState.REVERSED
    assert get_failed_checks() == set()


def test_what_the_account_pays_to_its_bank_is_shown_and_moves_nothing(shop):
    shop.connect()
    shop.sell()
    (payout,) = shop.pay_out()
    account_id = shop.account.account_id
    (sent,) = shop.simulator.act("payouts", processor="stripe", account_id=account_id)["payouts"]
    accounts = get_adapter(shop.platform.get_access(), PayoutAccounts)
    before, seen = get_balances(), []

    for act in ("", "/paid", "/fail"):
        if act:
            shop.simulator.act(f"payouts/{sent['id']}{act}")
        statement = accounts.describe_bank_payout(account_id, sent["id"])
        note_bank_payout(statement=statement, processor="stripe")
        payout.refresh_from_db()
        seen.append(payout.bank_state)

    assert seen == [BankState.IN_TRANSIT, BankState.PAID, BankState.RETURNED]
    assert get_balances() == before


def test_an_account_of_another_barber_is_not_taken(shop):
    shop.connect()

    with pytest.raises(AccountAlreadyConnected):
        shop.connect(factories.create_barber())


def test_the_account_can_be_changed_and_both_are_in_the_history(shop):
    first = shop.connect()
    other = shop.simulator.create_account("stripe", platform=shop.platform.account_id)
    second = shop.connect(account=other)

    entry = AuditEntry.objects.filter(action="payout_destination.set").latest("pk")
    assert first.pk == second.pk
    assert entry.before == {"account_id": shop.account.account_id}
    assert entry.after == {"account_id": other.account_id}
