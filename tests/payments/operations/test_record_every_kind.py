"""Each kind of movement on the platform's account and on barbers' own."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from payments.models import Accrual, Discrepancy, ExternalTransaction, LedgerTransaction
from payments.operations.discrepancies import ReasonMissing, report_missing_parents
from payments.operations.explanations import NotToBeExplained, explain_movement
from payments.states import DiscrepancyKind, DiscrepancyState, LegState, Purpose
from processors.contract import MovementKind as Kind
from processors.contract import MovementState as State
from tests import factories
from tests.payments.books import (
    BY,
    NOON,
    about,
    charge,
    create_leg,
    get_balances,
    get_failed_checks,
    get_sale,
    record,
    usd,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def barber(db):
    return factories.create_barber()


@pytest.fixture
def square(barber):
    return factories.create_connection(barber)


@pytest.fixture
def platform(db):
    return factories.create_platform_connection()


@pytest.fixture
def central(platform, barber):
    """A sale of 75.00 on the platform's account, recorded."""
    movement = charge(our_reference=create_leg(platform, barber).public_id)
    record(platform, movement)
    return movement


def get_row(movement):
    return ExternalTransaction.objects.get(kind=movement.kind, external_id=movement.external_id)


def explain(movement, barber, reason="He was there."):
    return explain_movement(
        movement=get_row(movement), barber=barber, reason=reason, by=BY, now=NOON
    )


# ── On the platform's account ──


def test_a_refund_is_the_barbers_but_for_its_commission(platform, barber, central):
    (row_id,) = record(platform, about(central, Kind.REFUND, amount=usd(30_00)))

    row, sale = get_sale(row_id), get_row(central)
    assert (row.parent, row.sale, row.barber, row.payment) == (sale, sale, barber, sale.payment)
    assert (row.purpose, row.commission_rate, row.base_minor) == (Purpose.SALE, 20, 0)
    assert get_balances() == {"clearing": 45_00, "commission": -9_00, "payable": -36_00}
    assert get_failed_checks() == set()


def test_a_dispute_costs_the_barber_its_fee_which_may_come_back(platform, central):
    record(platform, about(central, Kind.DISPUTE, fee=usd(15_00)))
    assert get_balances() == {"clearing": -15_00, "payable": 15_00}

    record(platform, about(central, Kind.DISPUTE_WON, fee=usd(-15_00)))

    assert get_balances() == {"clearing": 75_00, "commission": -15_00, "payable": -60_00}
    assert get_failed_checks() == set()


def test_the_fee_of_a_refund_known_later_and_corrected(platform, central):
    refund = about(central, Kind.REFUND)
    record(platform, refund)
    record(platform, replace(refund, version=2, fee=usd(50)))
    record(platform, replace(refund, version=3, fee=usd(30)))

    assert get_balances() == {"clearing": -30, "payable": 30}
    assert LedgerTransaction.objects.filter(kind="fee").count() == 2
    assert get_failed_checks() == set()


def test_parts_of_a_refund_never_drift_by_a_cent(platform, barber):
    leg = create_leg(platform, barber, amount=usd(15), rate=10)
    sale = charge(our_reference=leg.public_id, amount=usd(15))
    record(platform, sale)

    for _ in range(3):
        record(platform, about(sale, Kind.REFUND, amount=usd(5)))
        assert get_failed_checks() == set()

    assert get_balances() == {}


def test_a_refund_counts_once_it_is_completed(platform, central):
    pending = about(central, Kind.REFUND, state=State.PENDING)
    record(platform, pending)
    assert get_balances()["clearing"] == 75_00

    record(platform, replace(pending, state=State.COMPLETED, version=2))

    assert get_balances() == {}
    assert get_failed_checks() == set()


def test_a_refund_waits_until_its_sale_is_completed(platform, barber):
    leg = create_leg(platform, barber)
    sale = charge(our_reference=leg.public_id, state=State.PENDING, amount=usd(80_00))
    record(platform, sale)
    record(platform, about(sale, Kind.REFUND, amount=usd(30_00), fee=usd(10)))
    assert get_balances() == {}
    assert get_failed_checks() == {"legs_have_movements"}

    record(platform, replace(sale, state=State.COMPLETED, amount=usd(75_00), version=2))

    assert get_balances() == {"clearing": 44_90, "commission": -9_00, "payable": -35_90}
    assert get_failed_checks() == set()


def test_the_platforms_own_business(platform):
    payout = charge(kind=Kind.BANK_PAYOUT, amount=usd(20_00), fee=usd(25))
    record(platform, payout, charge(kind=Kind.PROCESSOR_CHARGE, amount=usd(2_00)))
    assert get_balances() == {"bank": 20_00, "clearing": -22_25, "processing_fees": 2_25}
    assert get_failed_checks() == set()

    record(platform, about(payout, Kind.BANK_PAYOUT_FAILED))

    assert get_balances() == {"clearing": -2_25, "processing_fees": 2_25}
    assert not Discrepancy.objects.exists()
    assert get_failed_checks() == set()


def test_a_refund_of_nothing_that_is_named_rests_on_suspense(platform):
    record(platform, charge(kind=Kind.REFUND, amount=usd(5_00)))

    assert get_balances() == {"clearing": -5_00, "suspense": 5_00}
    assert Discrepancy.objects.get().kind == DiscrepancyKind.UNEXPLAINED_MOVEMENT
    assert get_failed_checks() == set()


def test_money_on_a_closed_leg_that_is_refunded_leaves_suspense(platform, barber):
    leg = create_leg(platform, barber)
    leg.state = LegState.FAILED
    leg.save()
    leg.payment.state = "failed"
    leg.payment.save()
    stray = charge(our_reference=leg.public_id, fee=usd(2_48))
    record(platform, stray)
    assert get_balances() == {"clearing": 72_52, "suspense": -75_00, "processing_fees": 2_48}

    record(platform, about(stray, Kind.REFUND))

    assert get_balances() == {"clearing": -2_48, "processing_fees": 2_48}
    found = Discrepancy.objects.get()
    assert (found.kind, found.state) == (DiscrepancyKind.MONEY_ON_CLOSED_LEG, "resolved")
    assert get_failed_checks() == set()


# ── On a barber's own account ──


def test_refunds_and_disputes_of_a_barbers_sale_change_what_he_owes(square):
    sale = charge()
    refund = about(sale, Kind.REFUND, amount=usd(30_00))
    record(square, sale, refund)
    assert get_balances() == {"receivable": 9_00, "commission": -9_00}

    dispute = about(sale, Kind.DISPUTE, amount=usd(45_00), fee=usd(15_00))
    record(square, about(refund, Kind.REFUND_FAILED), dispute)
    assert get_balances() == {"receivable": 6_00, "commission": -6_00}

    record(square, about(sale, Kind.DISPUTE_WON, amount=usd(45_00)))
    assert get_balances() == {"receivable": 15_00, "commission": -15_00}
    assert get_failed_checks() == set()


def test_a_step_is_dated_by_what_caused_it(square):
    sale = charge()
    record(square, sale)

    record(square, about(sale, Kind.REFUND, occurred_at=datetime(2026, 7, 9, 9, tzinfo=UTC)))

    months = Accrual.objects.order_by("revision").values_list("occurred_at__month", flat=True)
    assert list(months) == [6, 7]


@pytest.mark.parametrize("kind", [Kind.BANK_PAYOUT, Kind.PROCESSOR_CHARGE, Kind.REFUND])
def test_what_a_barber_does_with_his_own_money_is_his_own(square, barber, kind):
    (row_id,) = record(square, charge(kind=kind, amount=usd(5_00)))

    row = get_sale(row_id)
    assert (row.purpose, row.barber) == (Purpose.OWN, barber)
    assert (get_balances(), Discrepancy.objects.exists()) == ({}, False)
    assert get_failed_checks() == set()


# ── What comes before the movement that it is about ──


@pytest.fixture
def family(platform, barber):
    sale = charge(our_reference=create_leg(platform, barber).public_id, fee=usd(2_48))
    refund = about(sale, Kind.REFUND, amount=usd(30_00))
    return [sale, refund, about(refund, Kind.REFUND_FAILED)]


def test_a_refund_is_kept_until_its_sale_is_known(platform, barber, family):
    (row_id,) = record(platform, family[1])
    row = get_sale(row_id)
    assert (row.parent, row.sale, row.barber, row.parent_external_id) == (
        None,
        None,
        None,
        family[0].external_id,
    )
    assert (get_balances(), Discrepancy.objects.exists()) == ({}, False)
    assert get_failed_checks() == {"legs_have_movements"}

    assert set(record(platform, family[0])) == {row_id, get_row(family[0]).pk}

    row.refresh_from_db()
    assert (row.sale, row.barber, row.purpose) == (get_row(family[0]), barber, Purpose.SALE)
    assert get_balances() == {"clearing": 42_52, "commission": -9_00, "payable": -33_52}
    assert get_failed_checks() == set()


def test_a_failed_refund_waits_for_its_refund_and_its_sale(platform, family):
    sale, refund, failed = family

    for movement in (failed, refund, sale):
        record(platform, movement)

    assert get_row(failed).sale == get_row(sale)
    assert get_balances() == {"clearing": 72_52, "commission": -15_00, "payable": -57_52}
    assert get_failed_checks() == set()


def test_a_whole_family_in_one_batch(platform, family):
    assert len(record(platform, *reversed(family))) == 3

    assert get_row(family[2]).sale == get_row(family[0])
    assert get_balances() == {"clearing": 72_52, "commission": -15_00, "payable": -57_52}
    assert get_failed_checks() == set()


def test_what_waits_gets_the_day_of_the_barber_whose_sale_it_is_about(platform):
    barber = factories.create_barber(time_zone="America/Los_Angeles")
    sale = charge(our_reference=create_leg(platform, barber).public_id)
    refund = about(sale, Kind.REFUND, occurred_at=datetime(2026, 6, 3, 3, tzinfo=UTC))
    record(platform, refund)
    assert get_row(refund).local_day == date(2026, 6, 3)

    record(platform, sale)

    assert get_row(refund).local_day == date(2026, 6, 2)


def test_the_parent_of_another_account_is_none(platform, square, central):
    """Two processors may give the same name to two objects."""
    record(square, about(central, Kind.REFUND))

    assert ExternalTransaction.objects.get(kind="refund").parent is None
    assert get_balances()["clearing"] == 75_00


def test_a_person_is_told_of_what_waits_too_long_until_it_is_found(platform, square, family):
    sale, refund, failed = family
    record(platform, refund, failed, about(sale, Kind.DISPUTE, state=State.PENDING))
    record(square, about(charge(), Kind.REFUND))
    assert report_missing_parents(before=NOON) == 0
    later = NOON + timedelta(hours=1)

    assert [report_missing_parents(before=later) for _ in range(2)] == [2, 2]
    assert set(Discrepancy.objects.values_list("transaction__kind", "kind", "state")) == {
        ("refund", "parent_missing", "open"),
        ("refund_failed", "parent_missing", "open"),
    }

    record(platform, sale)

    assert not Discrepancy.objects.open().exists()
    assert report_missing_parents(before=later) == 0
    assert get_failed_checks() == set()


# ── What a person explains ──


def test_an_explained_charge_leaves_suspense_for_its_barber(platform, barber):
    factories.create_config(barber, commission_rate=10)
    stray = charge(amount=usd(50_00), fee=usd(1_75), tip=usd(10_00))
    record(platform, stray, about(stray, Kind.REFUND, amount=usd(25_00)))
    assert get_balances() == {"clearing": 23_25, "suspense": -25_00, "processing_fees": 1_75}

    row = explain(stray, barber)

    assert (row.purpose, row.barber, row.base_minor) == (Purpose.SALE, barber, 40_00)
    assert get_balances() == {"clearing": 23_25, "commission": -2_00, "payable": -21_25}
    assert Discrepancy.objects.get().state == DiscrepancyState.RESOLVED
    assert get_failed_checks() == set()


def test_what_is_heard_of_it_later_is_booked_as_of_any_sale(platform, barber):
    stray = charge(amount=usd(50_00))
    record(platform, stray)
    explain(stray, barber)

    record(platform, replace(stray, version=2, fee=usd(1_75)))
    record(platform, about(stray, Kind.REFUND))

    assert get_balances() == {"clearing": -1_75, "payable": 1_75}
    assert LedgerTransaction.objects.filter(kind="sale").count() == 0
    assert get_failed_checks() == set()


def test_a_transfer_and_what_came_back_of_it(platform, barber):
    transfer = charge(kind=Kind.TRANSFER, amount=usd(60_00))
    record(platform, about(transfer, Kind.TRANSFER_REVERSED, amount=usd(20_00)))
    assert get_balances() == {}
    record(platform, transfer)
    assert get_balances() == {"clearing": -40_00, "suspense": 40_00}

    explain(transfer, barber)
    assert get_balances() == {"clearing": -40_00, "payable": 40_00}
    record(platform, about(transfer, Kind.TRANSFER_REVERSED, amount=usd(40_00)))

    assert get_balances() == {}
    assert get_failed_checks() == set()


def test_only_what_is_unexplained_is_explained(platform, square, barber, central):
    own = charge(kind=Kind.BANK_PAYOUT)
    pending = charge(state=State.PENDING)
    terminal = charge()
    record(platform, own, pending)
    record(square, terminal)

    for movement in (central, own, pending, terminal):
        with pytest.raises(NotToBeExplained):
            explain(movement, barber)
    stray = charge()
    record(platform, stray)
    with pytest.raises(ReasonMissing):
        explain(stray, barber, reason=" ")


# ── What would change what is completed ──


@pytest.mark.parametrize(
    "change",
    [{"amount": usd(80_00)}, {"tip": usd(5_00)}, {"state": State.FAILED}],
)
def test_a_completed_amount_that_is_said_to_differ_is_a_discrepancy(platform, central, change):
    for version in (2, 3):
        record(platform, replace(central, version=version, **change))

    found = Discrepancy.objects.get()
    assert (found.kind, found.transaction) == (DiscrepancyKind.AMOUNT_DIFFERS, get_row(central))
    assert found.explanation.startswith("Recorded as 75.00 USD with a tip of 0.00 USD, completed;")
    assert get_balances() == {"clearing": 75_00, "commission": -15_00, "payable": -60_00}


def test_money_that_moved_after_all_is_a_discrepancy(square):
    failed = charge(state=State.FAILED)
    record(square, failed)

    record(square, replace(failed, state=State.COMPLETED, version=2))

    assert Discrepancy.objects.get().kind == DiscrepancyKind.AMOUNT_DIFFERS


def test_an_older_or_equal_word_and_a_refund_that_failed_are_no_discrepancy(platform, central):
    refund = about(central, Kind.REFUND)
    record(platform, refund)

    record(platform, replace(central, version=0, amount=usd(1_00)))
    record(platform, central)
    record(platform, replace(refund, version=2, state=State.FAILED))

    assert not Discrepancy.objects.exists()
