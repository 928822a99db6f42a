"""What a processor's statement makes of our records, commission and books."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bookedbarber.foundation.money import Money
from payments.models import Accrual, Discrepancy, ExternalTransaction, LedgerTransaction
from payments.states import Mode, Purpose
from processors.contract import MovementState as State
from processors.contract import PaymentMethodKind as Method
from tests import factories
from tests.payments.books import (
    NOON,
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


def sale_of(leg, **fields):
    return charge(our_reference=leg.public_id, **fields)


# ── Whose movement it is ──


def test_a_sale_of_ours_on_the_platform_is_booked_for_its_barber(platform, barber):
    leg = create_leg(platform, barber)

    (row_id,) = record(platform, sale_of(leg, fee=usd(2_48)))

    row = get_sale(row_id)
    assert (row.barber, row.payment, row.purpose) == (barber, leg.payment, Purpose.SALE)
    assert get_balances() == {"clearing": 72_52, "commission": -15_00, "payable": -57_52}
    assert get_failed_checks() == set()


def test_a_sale_at_the_barbers_terminal_bears_commission(square, barber):
    (row_id,) = record(square, charge(fee=usd(2_05)))

    row = get_sale(row_id)
    assert (row.barber, row.payment, row.purpose) == (barber, None, Purpose.SALE)
    assert (row.owner_id, row.fee_minor, row.payload.raw["id"]) == (
        barber.pk,
        2_05,
        row.external_id,
    )
    assert get_balances() == {"receivable": 15_00, "commission": -15_00}
    assert get_failed_checks() == set()


def test_a_sale_of_ours_on_the_barbers_account_keeps_the_payments_terms(square, barber):
    leg = create_leg(square, barber, rate=Decimal(10), on_tips=True)

    (row_id,) = record(square, sale_of(leg, tip=usd(15_00)))

    row = get_sale(row_id)
    assert (row.payment, row.base_minor, row.commission_rate) == (leg.payment, 75_00, 10)
    assert get_balances() == {"receivable": 7_50, "commission": -7_50}


def test_what_nobody_explains_rests_on_suspense(platform):
    (row_id,) = record(platform, charge())

    row = get_sale(row_id)
    assert (row.barber, row.purpose, row.base_minor) == (None, Purpose.UNEXPLAINED, 75_00)
    assert get_balances() == {"clearing": 75_00, "suspense": -75_00}
    assert (Discrepancy.objects.get().transaction, get_failed_checks()) == (row, set())


def test_our_reference_on_somebody_elses_account_proves_nothing(platform, square, barber):
    leg = create_leg(platform, factories.create_barber())

    (row_id,) = record(square, sale_of(leg))

    row = get_sale(row_id)
    assert (row.barber, row.payment) == (barber, None)
    assert get_balances() == {"receivable": 15_00, "commission": -15_00}


def test_a_barbers_reference_on_the_platform_stays_unexplained(platform, square, barber):
    leg = create_leg(square, barber)

    (row_id,) = record(platform, sale_of(leg))

    assert get_sale(row_id).purpose == Purpose.UNEXPLAINED


def test_one_batch_may_hold_several_accounts(platform, square, barber):
    from payments.operations.movements import MovementFact, record_movements

    leg = create_leg(platform, barber)
    stranger = factories.create_connection(factories.create_barber())
    facts = [
        MovementFact(platform, sale_of(leg)),
        MovementFact(square, charge()),
        MovementFact(stranger, charge()),
    ]

    assert len(record_movements(facts, by="job:test", now=NOON)) == 3
    assert get_balances() == {
        "clearing": 75_00,
        "payable": -60_00,
        "receivable": 30_00,
        "commission": -45_00,
    }


def test_the_books_of_production_and_sandbox_do_not_meet(barber):
    record(factories.create_connection(barber), charge())
    record(factories.create_connection(barber, environment="production"), charge(amount=usd(5_00)))

    assert get_balances(account__environment="sandbox")["receivable"] == 15_00
    assert get_balances(account__environment="production")["receivable"] == 1_00
    assert set(Accrual.objects.values_list("environment", "amount_minor")) == {
        ("sandbox", 15_00),
        ("production", 1_00),
    }


# ── Repetition, age, finality ──


def test_the_same_statement_again_changes_nothing(platform, barber):
    movement = sale_of(create_leg(platform, barber), fee=usd(2_48))
    record(platform, movement)

    assert record(platform, movement) == []
    assert LedgerTransaction.objects.count() == 2


def test_a_newer_version_that_says_the_same_changes_nothing(square):
    movement = charge()
    record(square, movement)

    assert record(square, replace(movement, version=2)) == []


def test_an_older_version_is_ignored(square):
    newer = charge(version=5, fee=usd(2_05))
    record(square, newer)

    assert record(square, replace(newer, version=4, fee=usd(9_99))) == []
    assert ExternalTransaction.objects.get().fee_minor == 2_05


@pytest.mark.parametrize("final", [State.COMPLETED, State.FAILED, State.CANCELED])
@pytest.mark.parametrize("later", list(State))
def test_a_final_state_never_goes_back(square, final, later):
    movement = charge(state=final)
    (row_id,) = record(square, movement)
    balances = get_balances()

    record(square, replace(movement, state=later, version=9))

    assert get_sale(row_id).state == final
    assert get_balances() == balances


@pytest.mark.parametrize(
    ("state", "balances"),
    [
        (State.COMPLETED, {"receivable": 15_00, "commission": -15_00}),
        (State.FAILED, {}),
        (State.CANCELED, {}),
    ],
)
def test_only_what_is_completed_is_booked(square, state, balances):
    pending = charge(state=State.PENDING)
    (row_id,) = record(square, pending)
    assert get_balances() == {}

    assert record(square, replace(pending, state=state, version=2)) == [row_id]
    assert get_balances() == balances
    assert get_failed_checks() == set()


def test_a_pending_amount_may_change_until_it_is_completed(square):
    pending = charge(state=State.PENDING, amount=usd(60_00))
    record(square, pending)

    (row_id,) = record(
        square,
        replace(pending, state=State.COMPLETED, version=2, amount=usd(75_00), tip=usd(15_00)),
    )

    row = get_sale(row_id)
    assert (row.amount_minor, row.tip_minor, row.base_minor) == (75_00, 15_00, 60_00)
    assert get_balances() == {"receivable": 12_00, "commission": -12_00}


@pytest.mark.parametrize(
    "change",
    [
        {"amount": usd(80_00)},
        {"tip": usd(5_00)},
        {"amount": Money(75_00, "CAD"), "tip": Money(0, "CAD")},
    ],
)
def test_a_completed_amount_never_changes_silently(square, change):
    movement = charge()
    (row_id,) = record(square, movement)

    assert record(square, replace(movement, version=2, **change)) == []
    row = get_sale(row_id)
    assert (row.amount_minor, row.tip_minor, row.currency) == (75_00, 0, "USD")
    assert get_balances() == {"receivable": 15_00, "commission": -15_00}


def test_what_commission_was_taken_of_stays_when_the_method_is_corrected(square):
    movement = charge()
    (row_id,) = record(square, movement)

    record(square, replace(movement, version=2, method=Method.EXTERNAL))

    assert (get_sale(row_id).method, get_sale(row_id).base_minor) == ("external", 75_00)
    assert get_balances() == {"receivable": 15_00, "commission": -15_00}
    assert get_failed_checks() == set()


def test_the_processors_own_words_are_kept_as_last_said(square):
    movement = charge(raw={"status": "new"})
    (row_id,) = record(square, movement)
    record(square, replace(movement, version=2, fee=usd(2_05), raw={"status": "newer"}))
    record(square, replace(movement, version=1, fee=usd(2_06), raw={"status": "old"}))

    assert get_sale(row_id).payload.raw == {"status": "newer"}


# ── Fees ──


def test_a_fee_that_is_not_known_is_not_booked(platform, barber):
    (row_id,) = record(platform, sale_of(create_leg(platform, barber)))

    assert get_sale(row_id).fee is None
    assert get_balances() == {"clearing": 75_00, "commission": -15_00, "payable": -60_00}


def test_a_fee_known_later_and_then_corrected_posts_the_differences(platform, barber):
    movement = sale_of(create_leg(platform, barber))
    record(platform, movement)
    record(platform, replace(movement, version=2, fee=usd(2_48)))
    record(platform, replace(movement, version=3, fee=usd(2_40)))
    record(platform, replace(movement, version=4, fee=usd(2_50)))

    fees = LedgerTransaction.objects.filter(kind="fee", entries__account__code="payable")
    assert list(fees.order_by("revision").values_list("revision", "entries__amount_minor")) == [
        (1, 2_48),
        (2, -8),
        (3, 10),
    ]
    assert get_balances() == {"clearing": 72_50, "commission": -15_00, "payable": -57_50}
    assert get_failed_checks() == set()


def test_a_fee_once_known_is_not_forgotten(platform, barber):
    movement = sale_of(create_leg(platform, barber), fee=usd(2_48))
    (row_id,) = record(platform, movement)

    record(platform, replace(movement, version=2, fee=None))

    assert get_sale(row_id).fee_minor == 2_48
    assert get_failed_checks() == set()


def test_a_fee_of_nothing_is_a_known_fee(platform, barber):
    (row_id,) = record(platform, sale_of(create_leg(platform, barber), fee=usd(0)))

    assert get_sale(row_id).fee == usd(0)
    assert LedgerTransaction.objects.count() == 1


def test_a_fee_in_another_currency_is_not_taken_for_one_in_ours(platform, barber):
    movement = sale_of(create_leg(platform, barber), fee=Money(2_48, "GBP"))

    (row_id,) = record(platform, movement)

    assert get_sale(row_id).fee is None
    assert "payable" in get_balances()


# ── Commission of the day ──


def test_a_sale_gets_the_rate_of_its_day_however_late_we_hear_of_it(barber, square):
    factories.create_config(barber, mode=Mode.DECENTRALIZED, commission_rate=Decimal(20))
    june, july = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
    factories.create_config(barber, effective_at=june, commission_rate=Decimal(10))
    factories.create_config(
        barber, effective_at=july, commission_rate=Decimal(30), commission_on_tips=True
    )

    made_at = [june - timedelta(seconds=1), june, july - timedelta(seconds=1), july]
    ids = record(square, *(charge(occurred_at=at, tip=usd(5_00)) for at in made_at))

    rows = ExternalTransaction.objects.filter(pk__in=ids).order_by("occurred_at")
    assert list(rows.values_list("commission_rate", "base_minor")) == [
        (20, 70_00),
        (10, 70_00),
        (10, 70_00),
        (30, 75_00),
    ]
    assert get_balances()["receivable"] == 14_00 + 7_00 + 7_00 + 22_50


def test_without_a_config_the_usual_rate_applies(square):
    (row_id,) = record(square, charge())

    assert get_sale(row_id).commission_rate == 20


def test_before_the_account_was_connected_its_sales_bear_no_commission(barber):
    square = factories.create_connection(barber, first_connected_at=NOON)

    record(square, charge(occurred_at=NOON - timedelta(seconds=1)))
    assert get_balances() == {}

    record(square, charge(occurred_at=NOON))
    assert get_balances() == {"receivable": 15_00, "commission": -15_00}
    assert get_failed_checks() == set()


@pytest.mark.parametrize(
    ("method", "on_cash", "owed"),
    [
        (Method.CARD, False, 15_00),
        (Method.CASH, False, 0),
        (Method.CASH, True, 15_00),
        (Method.EXTERNAL, True, 0),
    ],
)
def test_cash_and_sales_paid_elsewhere(barber, square, method, on_cash, owed):
    factories.create_config(barber, commission_on_cash=on_cash)

    record(square, charge(method=method))

    assert get_balances().get("receivable", 0) == owed
    assert Accrual.objects.count() == bool(owed)
    assert get_failed_checks() == set()


@pytest.mark.parametrize("rate", [Decimal(0), Decimal(100)])
def test_commission_of_nothing_and_of_everything(platform, rate):
    leg = create_leg(platform, factories.create_barber(), rate=rate)

    record(platform, sale_of(leg))

    commission = -75_00 if rate else 0
    assert get_balances().get("commission", 0) == commission
    assert get_failed_checks() == set()


# ── Days ──


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("UTC", date(2026, 6, 2)),
        ("America/Los_Angeles", date(2026, 6, 1)),
        ("Pacific/Auckland", date(2026, 6, 2)),
    ],
)
def test_the_day_of_a_sale_is_the_barbers(zone, day):
    square = factories.create_connection(factories.create_barber(time_zone=zone))

    (row_id,) = record(square, charge(occurred_at=datetime(2026, 6, 2, 3, tzinfo=UTC)))

    assert get_sale(row_id).local_day == day


def test_a_barber_who_moves_takes_no_old_sale_with_him(barber):
    square = factories.create_connection(barber)
    movement = charge(occurred_at=datetime(2026, 6, 2, 3, tzinfo=UTC))
    (row_id,) = record(square, movement)

    barber.time_zone = "America/Los_Angeles"
    barber.save()
    record(square, replace(movement, version=2, fee=usd(2_05)))

    assert get_sale(row_id).local_day == date(2026, 6, 2)


# ── Batches ──


def test_an_empty_batch_is_nothing(square):
    assert record(square) == []


def test_a_thousand_movements_are_one_batch_and_one_more_is_too_many(square):
    movements = [charge(amount=usd(1_00 + number)) for number in range(1001)]

    with pytest.raises(ValueError, match="at most 1000"):
        record(square, *movements)
    assert not ExternalTransaction.objects.exists()

    assert len(record(square, *movements[:1000])) == 1000
    assert get_failed_checks() == set()


def test_two_statements_about_one_object_are_no_batch(square):
    movement = charge()

    with pytest.raises(ValueError, match="two movements of one object"):
        record(square, movement, replace(movement, version=2))
    assert not ExternalTransaction.objects.exists()
