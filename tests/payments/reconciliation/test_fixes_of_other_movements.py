"""Refunds, disputes and transfers that differ, legs and payout entries whose money nobody has."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from payments.models import (
    Discrepancy,
    ExternalTransaction,
    Payment,
    PaymentLeg,
    Refund,
)
from payments.operations.difference_fixes import NothingThere, SaleMissing
from payments.operations.disputes import follow_disputes
from payments.operations.movements import MovementFact, record_movements
from payments.operations.reconciling.linking import NotThatPayment
from payments.operations.refund_news import note_refund
from payments.states import LegState, Mode
from processors.contract import MovementKind as Kind
from processors.contract import MovementLists, Refunds
from processors.models import Connection
from processors.registry import get_adapter
from tests import factories
from tests.payments.books import (
    BY,
    about,
    at_once,
    charge,
    create_leg,
    get_balances,
    get_failed_checks,
    usd,
)
from tests.payments.operations.stories import charge_unheard
from tests.payments.paying import Shop
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
def shop(platform, simulator, settings):
    shop = Shop(platform, simulator, settings.STRIPE_SECRET_KEY)
    factories.create_config(shop.barber, mode=Mode.CENTRALIZED)
    return shop


def list_movements(connection: Connection):
    """What the processor lists by now, by kind."""
    lists = get_adapter(connection.get_access(), MovementLists)
    page = lists.read_page(lists.LISTS[0].name, since=timezone.now() - timedelta(days=9), cursor="")
    return {movement.kind.value: movement for movement in page.movements}


def record(connection: Connection, *movements) -> None:
    facts = [MovementFact(connection, movement) for movement in movements]
    record_movements(facts, by=BY, now=timezone.now())
    follow_disputes()


def settle_all(connection: Connection) -> None:
    """By the first fix of each; afterwards both sides say the same, syncs included."""
    for row in Discrepancy.objects.open():
        settle(row)
    assert get_failed_checks() == set()
    sync(connection, force=True)
    assert reconcile(connection).found == {}
    assert list_open() == {}
    assert get_failed_checks() == set()


def refund_as(shop, connection: Connection, sale: str, *, there: int, here: int) -> None:
    """A refund of which the processor now says another amount than it said at first."""
    name = shop.simulator.act("refunds", payment=sale, amount_minor=there)["id"]
    said = get_adapter(connection.get_access(), Refunds).retrieve_refund(name)
    [moved] = said.movements
    moved = replace(moved, amount=usd(here), version=0)
    said = replace(said, amount=usd(here), movements=(moved,), version=0)
    note_refund(connection=connection, statement=said, by=BY, now=timezone.now())


@pytest.mark.parametrize("here", [30_00, 10_00])
def test_a_refund_of_another_amount_is_told_anew(shop, platform, here):
    payment = shop.sell(75_00)
    leg = PaymentLeg.objects.get()
    refund_as(shop, platform, leg.external_id, there=20_00, here=here)
    reconcile(platform)
    assert set(list_open().values()) == {"amount_differs"}

    settle_all(platform)

    payment.refresh_from_db()
    assert payment.refunded_minor == 20_00
    states = Refund.objects.order_by("pk").values_list("state", "amount_minor")
    assert list(states) == [("failed", here), ("succeeded", 20_00)]


def test_a_refund_that_differs_twice_is_told_anew_twice(shop, platform):
    payment = shop.sell(75_00)
    refund_as(shop, platform, PaymentLeg.objects.get().external_id, there=20_00, here=30_00)
    reconcile(platform)
    settle(Discrepancy.objects.get())
    added = ExternalTransaction.objects.get(external_id__endswith=":added")
    row = Discrepancy.objects.get()
    row.pk, row.public_id, row.state, row.fix = None, "dis_again", "open", ""
    row.ours, row.theirs = row.theirs, {**row.theirs, "amount_minor": 5_00}
    row.save(force_insert=True)

    settle(row)

    payment.refresh_from_db()
    assert payment.refunded_minor == 5_00
    assert ExternalTransaction.objects.get(kind="refund_failed", parent=added).amount_minor == 20_00
    assert get_failed_checks() == set()


def test_what_the_processor_never_heard_of_is_taken_back(shop, platform):
    payment = shop.sell(75_00)
    sale = list_movements(platform)["charge"]
    # Lost, as far as the processor knows.
    shop.simulator.act("disputes", payment=sale.external_id)
    sync(platform)
    withdrawn = list_movements(platform)["dispute"]
    won = replace(withdrawn, kind=Kind.DISPUTE_WON, external_id="txn_invented")
    record(platform, replace(won, fee=usd(-15_00)))
    assert Payment.objects.get().disputed_minor == 0
    reconcile(platform)
    assert list_open() == {"txn_invented": "missing_there"}

    settle_all(platform)

    payment.refresh_from_db()
    assert payment.disputed_minor == 75_00


def test_what_never_happened_to_a_terminal_sale_leaves_no_trace_in_its_commission(
    connect, simulator
):
    square = connect(factories.create_barber(), "square")
    [name] = sell_and_sync(simulator, square, 1)
    sale = ExternalTransaction.objects.get()
    refunded = simulator.act("refunds", payment=name, amount_minor=10_00)["id"]
    sync(square)
    owed = get_balances()["receivable"]
    stated = {"amount": usd(10_00), "fee": usd(0), "group_id": name}
    root = charge(external_id=name, amount=sale.amount, occurred_at=sale.occurred_at)
    real = about(root, Kind.REFUND, external_id=refunded, **stated)
    came_back = about(real, Kind.REFUND_FAILED, external_id=f"{refunded}:failed", **stated)
    record(square, came_back, about(root, Kind.REFUND, external_id="invented", **stated))
    reconcile(square)
    assert list_open() == {f"{refunded}:failed": "missing_there", "invented": "missing_there"}

    settle_all(square)

    assert get_balances()["receivable"] == owed


def test_a_dispute_of_another_amount_counts_as_the_processor_says(shop, platform):
    payment = shop.sell(75_00)
    sale = list_movements(platform)["charge"]
    shop.simulator.act("disputes", payment=sale.external_id, amount_minor=40_00)
    there = list_movements(platform)["dispute"]
    record(platform, replace(there, amount=usd(60_00), version=0))
    sync(platform)
    reconcile(platform)

    settle_all(platform)

    payment.refresh_from_db()
    assert payment.disputed_minor == 40_00


def test_a_transfer_of_less_puts_the_rest_back(shop, platform):
    shop.connect()
    shop.sell(75_00)
    [payout] = shop.pay_out()
    made = ExternalTransaction.objects.get(kind="transfer")
    owed = get_balances(barber_id=shop.barber.pk).get("payable", 0)
    less = {"amount_minor": made.amount_minor - 10_00}
    reconcile(platform)
    assert list_open() == {}
    row = Discrepancy.objects.create(
        kind="amount_differs", connection=platform, transaction=made, movement_kind="transfer",
        external_id=made.external_id, occurred_at=made.occurred_at, fixes=["accept_theirs"],
        ours=_say(made), theirs=_say(made) | less, explanation="less",
    )  # fmt: skip

    settle(row)

    payout.refresh_from_db()
    assert (payout.state, payout.reversed_minor) == ("partly_reversed", 10_00)
    assert get_balances(barber_id=shop.barber.pk)["payable"] == owed - 10_00
    assert get_failed_checks() == set()


def test_a_transfer_of_more_is_an_advance_to_the_same_barber(shop, platform):
    shop.connect()
    shop.sell(75_00)
    shop.pay_out()
    made = ExternalTransaction.objects.get(kind="transfer")
    owed = get_balances(barber_id=shop.barber.pk).get("payable", 0)
    row = Discrepancy.objects.create(
        kind="amount_differs", connection=platform, transaction=made, movement_kind="transfer",
        external_id=made.external_id, occurred_at=made.occurred_at, fixes=["accept_theirs"],
        ours=_say(made), theirs=_say(made) | {"amount_minor": made.amount_minor + 10_00},
        explanation="more",
    )  # fmt: skip

    settle(row)

    assert get_balances(barber_id=shop.barber.pk)["payable"] == owed + 10_00
    assert get_balances().get("suspense", 0) == 0
    assert get_failed_checks() == set()


def _say(row):
    return {
        "state": row.state,
        "amount_minor": row.amount_minor,
        "tip_minor": row.tip_minor,
        "fee_minor": row.fee_minor,
        "currency": row.currency,
    }


def lose_movement(connection: Connection, barber, name: str) -> PaymentLeg:
    """A captured leg of ours by this name whose money never came into our records."""
    leg = create_leg(connection, barber, amount=usd(75_00))
    PaymentLeg.objects.filter(pk=leg.pk).update(external_id=name)
    return leg


def test_a_leg_that_its_processor_does_not_know_is_undone(shop, platform):
    leg = lose_movement(platform, shop.barber, "pi_nobody_knows")
    reconcile(platform)
    row = Discrepancy.objects.get()
    assert (row.kind, row.leg) == ("leg_without_movement", leg)
    assert row.fixes == ["create", "accept_theirs", "ignore"]

    with pytest.raises(NothingThere):
        settle(row, "create")
    settle(row, "accept_theirs")

    assert Payment.objects.get().status == "refunded"
    assert get_balances() == {}
    assert get_failed_checks() == set()
    assert reconcile(platform).found == {}


def test_a_leg_that_its_processor_does_know_is_given_its_movement(shop, platform):
    intent = charge_unheard(platform, shop.barber, usd(75_00), usd(0))
    leg = PaymentLeg.objects.get()
    row = Discrepancy.objects.create(
        kind="leg_without_movement", connection=platform, leg=leg, movement_kind="charge",
        external_id=intent, occurred_at=leg.created_at, fixes=["create"], explanation="lost",
    )  # fmt: skip

    settle(row)

    sale = ExternalTransaction.objects.get()
    assert (sale.payment_id, sale.group_id, sale.amount_minor) == (leg.payment_id, intent, 75_00)
    assert get_failed_checks() == set()
    assert reconcile(platform).found == {}


def test_a_charge_without_our_reference_is_linked_to_the_leg_that_it_is_of(shop, platform):
    leg = lose_movement(platform, shop.barber, "pi_of_another_name")
    other = create_leg(platform, shop.barber, amount=usd(12_00))
    name = add_sale(shop, platform)
    reconcile(platform)
    row = Discrepancy.objects.get(external_id=name)
    assert row.fixes == ["create", "link", "ignore"]

    with pytest.raises(SaleMissing):
        settle(row, "link")
    with pytest.raises(NotThatPayment):
        settle(row, "link", leg=other)
    settle(row, "link", leg=leg)

    sale = ExternalTransaction.objects.get(external_id=name)
    assert (sale.payment_id, sale.purpose, sale.barber) == (leg.payment_id, "sale", shop.barber)
    with pytest.raises(NotThatPayment):
        settle(_again(row), "link", leg=leg)


def test_of_two_charges_linked_at_once_one_is_the_legs_money(shop, platform):
    leg = lose_movement(platform, shop.barber, "pi_of_another_name")
    add_sale(shop, platform)
    add_sale(shop, platform)
    reconcile(platform)
    rows = Discrepancy.objects.filter(kind="missing_here")

    ended = at_once([partial(settle, row, "link", leg=leg) for row in rows])

    assert sorted(type(one) for one in ended if isinstance(one, Exception)) == [NotThatPayment]
    assert ExternalTransaction.objects.filter(payment=leg.payment).count() == 1
    assert get_failed_checks() == set()


def add_sale(shop, platform: Connection) -> str:
    """A charge of 75.00 without our reference; its name."""
    names = {"processor": "stripe", "account_id": platform.account_id}
    planted = shop.simulator.act("plants", kind="added", amount_minor=75_00, **names)
    return planted["object_id"]


def _again(row: Discrepancy) -> Discrepancy:
    row.pk, row.public_id, row.state, row.fix = None, "dis_once_more", "open", ""
    row.save(force_insert=True)
    return row


def test_an_unknown_leg_is_settled_by_the_charge_that_is_linked_to_it(shop, platform):
    leg = lose_movement(platform, shop.barber, "")
    PaymentLeg.objects.filter(pk=leg.pk).update(
        state=LegState.UNKNOWN, next_check_at=timezone.now()
    )
    Payment.objects.update(state="unknown")
    add_sale(shop, platform)
    reconcile(platform)

    settle(Discrepancy.objects.get(), "link", leg=leg)

    leg.refresh_from_db()
    assert (leg.state, Payment.objects.get().state) == ("captured", "completed")
    assert get_failed_checks() == set()


def test_a_sale_that_only_a_payout_names_is_recorded_as_it_says(connect, simulator):
    square = connect(factories.create_barber(), "square", funds_delay_seconds=0)
    [name] = sell_and_sync(simulator, square, 1)
    simulator.act("payouts", processor="square", account_id=square.account_id)
    sync(square)
    plant(simulator, square, "deleted", name)
    assert reconcile(square).found == {}, "a payout says that it was there"
    known = ExternalTransaction.objects.get(kind="charge")
    ExternalTransaction.objects.filter(pk=known.pk).update(external_id="another")
    reconcile(square)
    row = Discrepancy.objects.get(kind="entry_without_movement")
    assert row.external_id == name

    settle(row)

    sale = ExternalTransaction.objects.get(external_id=name)
    assert (sale.amount_minor, sale.fee_minor) == (known.amount_minor, None)
    assert name not in list_open()
    assert get_failed_checks() == set()
