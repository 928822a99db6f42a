"""Stripe's transfers through the real SDK against the simulator."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.money import Money
from processors import registry
from processors.contract import (
    ChargeRequest,
    Charges,
    MovementKind,
    PayoutAccounts,
    TransferRequest,
    Transfers,
    TransferState,
)
from processors.errors import AnswerLost, InsufficientBalance, RequestRefused
from tests.simulation import SimulatedAccount, Simulator


class Shop:
    """A platform that holds 75.00 less the fee, and an account connected to it."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.platform = simulator.create_account("stripe", funds_delay_seconds=0)
        self.barber = simulator.create_account("stripe", platform=self.platform.account_id)
        charges = registry.get_adapter(self.platform.get_access(), Charges)
        charges.charge(
            ChargeRequest(
                reference=new_public_id("leg"),
                amount=Money(75_00, "USD"),
                tip=Money.zero("USD"),
                payment_token="pm_card_visa",
            )
        )
        self.transfers = registry.get_adapter(self.platform.get_access(), Transfers)
        self.accounts = registry.get_adapter(self.platform.get_access(), PayoutAccounts)

    def a_request(self, minor: int = 60_00) -> TransferRequest:
        return TransferRequest(
            reference=new_public_id("pyo"),
            destination=self.barber.account_id,
            amount=Money(minor, "USD"),
        )

    def list_transfers(self) -> list[dict]:
        rows = self.simulator.journal(self.platform.account_id)
        return [row for row in rows if row["kind"] == "transfer"]


@pytest.fixture
def shop(simulator) -> Shop:
    return Shop(simulator)


def test_a_transfer_says_what_it_moved(shop):
    request = shop.a_request()

    made = shop.transfers.transfer(request)

    (movement,) = made.movements
    assert (made.state, made.amount, made.reversed) == (
        TransferState.PAID,
        Money(60_00, "USD"),
        Money(0, "USD"),
    )
    assert (movement.kind, movement.external_id) == (MovementKind.TRANSFER, made.external_id)
    assert movement.our_reference == request.reference
    assert made.destination_payment.startswith("py_")


def test_the_same_request_moves_the_money_once(shop):
    request = shop.a_request()

    first, again = shop.transfers.transfer(request), shop.transfers.transfer(request)

    assert first == again
    assert len(shop.list_transfers()) == 1


def test_a_transfer_is_found_by_our_reference_and_by_its_name(shop):
    request = shop.a_request()
    since = timezone.now() - timedelta(hours=1)
    made = shop.transfers.transfer(request)
    shop.transfers.transfer(shop.a_request(100))

    assert shop.transfers.find_transfer(request, since=since) == made
    assert shop.transfers.retrieve_transfer(made.external_id, request) == made
    assert shop.transfers.find_transfer(shop.a_request(), since=since) is None


def test_an_answer_about_another_transfer_is_no_answer(shop):
    made = shop.transfers.transfer(shop.a_request())

    with pytest.raises(AnswerLost):
        shop.transfers.retrieve_transfer(made.external_id, shop.a_request())


def test_more_than_the_balance_is_refused_and_stays_so_under_the_key(shop):
    request = shop.a_request(500_00)

    for _ in range(2):
        with pytest.raises(InsufficientBalance):
            shop.transfers.transfer(request)

    assert shop.list_transfers() == []


def test_an_account_that_takes_no_transfers_refuses(shop):
    shop.simulator.change_account(shop.barber, transfers_enabled=False)

    with pytest.raises(RequestRefused):
        shop.transfers.transfer(shop.a_request())


def test_parts_that_come_back_are_movements_of_their_own(shop):
    made = shop.transfers.transfer(shop.a_request())
    shop.simulator.act(f"transfers/{made.external_id}/reverse", amount_minor=20_00)

    part = shop.transfers.retrieve_transfer(made.external_id)
    shop.simulator.act(f"transfers/{made.external_id}/reverse")
    whole = shop.transfers.retrieve_transfer(made.external_id)

    assert (part.state, part.reversed) == (TransferState.PARTLY_REVERSED, Money(20_00, "USD"))
    assert (whole.state, whole.reversed) == (TransferState.REVERSED, Money(60_00, "USD"))
    back = [one for one in whole.movements if one.kind == MovementKind.TRANSFER_REVERSED]
    assert sorted(one.amount.amount_minor for one in back) == [20_00, 40_00]
    assert {one.parent_external_id for one in back} == {made.external_id}


def test_more_reversals_than_a_transfer_carries_are_listed(shop):
    made = shop.transfers.transfer(shop.a_request())
    for _ in range(12):
        shop.simulator.act(f"transfers/{made.external_id}/reverse", amount_minor=1_00)

    whole = shop.transfers.retrieve_transfer(made.external_id)

    assert whole.reversed == Money(12_00, "USD")
    assert len(whole.movements) == 13


def test_an_account_says_whether_it_can_receive(shop):
    ready = shop.accounts.describe_payout_account(shop.barber.account_id)
    shop.simulator.change_account(shop.barber, payouts_enabled=False)
    stuck = shop.accounts.describe_payout_account(shop.barber.account_id)
    shop.simulator.change_account(shop.barber, transfers_enabled=False)
    closed = shop.accounts.describe_payout_account(shop.barber.account_id)

    assert (ready.can_receive, ready.pays_to_bank, ready.obstacle) == (True, True, "")
    assert (stuck.can_receive, stuck.pays_to_bank) == (True, False)
    assert "external_account" in stuck.obstacle
    assert not closed.can_receive
    assert "transfers" in closed.obstacle


def test_an_account_of_somebody_else_is_refused_without_doubting_our_key(shop, simulator):
    stranger: SimulatedAccount = simulator.create_account("stripe")

    with pytest.raises(RequestRefused):
        shop.accounts.describe_payout_account(stranger.account_id)
