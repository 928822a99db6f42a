"""What is collected for a period, from whom, and what waits."""

from datetime import date, timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from bookedbarber.foundation.money import Money
from collections_app.models import PlatformCollection
from collections_app.operations.fees import charge_platform_fee
from collections_app.operations.rent import accrue_rent
from collections_app.operations.rent_plans import create_rent_plan
from payments.states import Mode
from processors.contract import MovementKind
from tests import factories
from tests.collections_app.owing import (
    BUILD,
    LAST_WEEK,
    MONDAY,
    WEEK,
    build,
    build_one,
    create_owing_barber,
    get_outstanding,
    list_lines,
    refund,
    sell,
)
from tests.payments.books import BY, about, charge, get_failed_checks, record, usd

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("rate", "sales", "lines"),
    [
        (15, [100_00, 50_00], [15_00, 7_50]),
        (20, [60_00, 60_00, 60_00], [12_00, 12_00, 12_00]),
        (10, [5], [1]),
    ],
)
def test_a_closed_week_is_collected_with_its_sales_as_lines(rate, sales, lines):
    barber, account = create_owing_barber(commission_rate=rate)
    sell(account, *sales)

    collection = build_one()

    assert list_lines(collection) == lines
    assert (collection.amount, collection.line_count) == (usd(sum(lines)), len(lines))
    assert (collection.barber, collection.state, collection.kind) == (
        barber,
        "pending",
        "commission",
    )
    assert (collection.period_start, collection.period_end) == (date(2026, 6, 1), date(2026, 6, 8))
    assert collection.contest_until == collection.due_at == BUILD + timedelta(days=2)
    assert get_failed_checks() == set()


def test_a_refund_before_it_is_built_nets_and_one_after_it_is_a_credit_on_the_next():
    _, account = create_owing_barber(commission_rate=20)
    (first,) = sell(account, 100_00)
    refund(account, first, 30_00, at=BUILD - timedelta(hours=1))

    assert list_lines(build_one()) == [20_00, -6_00]
    sell(account, 200_00, at=LAST_WEEK + WEEK)
    refund(account, first, 30_00, at=BUILD + timedelta(hours=1))

    assert sorted(list_lines(build_one(BUILD + WEEK))) == [-6_00, 40_00]
    assert get_failed_checks() == set()


def test_a_credit_waits_until_more_than_it_is_owed():
    barber, account = create_owing_barber()
    (sale,) = sell(account, 100_00)
    build()
    refund(account, sale, 100_00)

    assert build(BUILD + WEEK) == []
    sell(account, 100_00, at=MONDAY + WEEK)
    assert build(BUILD + 2 * WEEK) == []
    sell(account, 50, at=MONDAY + 2 * WEEK)

    assert sorted(list_lines(build_one(BUILD + 3 * WEEK))) == [-20_00, 10, 20_00]
    assert get_outstanding(barber) == 0


def test_what_comes_late_is_in_the_next_collection_however_old():
    _, account = create_owing_barber(minimum_collection_minor=25_00)
    sell(account, 125_00)
    build()
    sell(account, 200_00, at=LAST_WEEK - 5 * WEEK)

    assert build() == []
    assert list_lines(build_one(BUILD + WEEK)) == [40_00]


@pytest.mark.parametrize(("sold", "count"), [(124_95, 0), (125_00, 1)])
def test_less_than_the_minimum_waits(sold, count):
    _, account = create_owing_barber(minimum_collection_minor=25_00)
    sell(account, sold)

    assert len(build()) == count


def test_a_period_is_over_where_the_barber_is_and_its_buffer_after_it():
    _, account = create_owing_barber(time_zone="America/New_York", buffer_days=2)
    # Sunday night in New York is Monday already in UTC.
    sell(account, 100_00, at=MONDAY + timedelta(hours=3, minutes=59))
    sell(account, 50_00, at=MONDAY + timedelta(hours=4))
    midnight = MONDAY + timedelta(days=2, hours=4)

    assert build(midnight - timedelta(seconds=1)) == []
    assert list_lines(build_one(midnight)) == [20_00]


@pytest.mark.parametrize(
    ("frequency", "start"), [("daily", date(2026, 6, 7)), ("monthly", date(2026, 5, 8))]
)
def test_schedules_differ(frequency, start):
    _, account = create_owing_barber(collection_frequency=frequency, collection_day=8)
    sell(account, 100_00, at=MONDAY - timedelta(hours=1))

    assert build_one().period_start == start


@pytest.mark.parametrize(
    ("net_rent", "collected"),
    [(False, [("commission", 4_00), ("rent", 150_00)]), (True, [("mixed", 154_00)])],
)
def test_rent_is_collected_apart_unless_it_is_netted(net_rent, collected):
    barber, account = create_owing_barber(net_rent=net_rent)
    sell(account, 20_00)
    create_rent_plan(
        barber=barber,
        amount=usd(150_00),
        frequency="weekly",
        starts_on=date(2026, 6, 1),
        by=BY,
        now=MONDAY,
    )
    accrue_rent(by=BY, now=MONDAY)

    built = build()

    assert sorted((each.kind, each.amount_minor) for each in built) == collected
    assert get_failed_checks() == set()


def test_a_credit_of_commission_lessens_netted_rent():
    barber, account = create_owing_barber(net_rent=True)
    (sale,) = sell(account, 100_00)
    build()
    refund(account, sale, 100_00)
    create_rent_plan(
        barber=barber,
        amount=usd(150_00),
        frequency="weekly",
        starts_on=date(2026, 6, 8),
        by=BY,
        now=MONDAY,
    )
    accrue_rent(by=BY, now=MONDAY + WEEK)

    assert build_one(BUILD + WEEK).amount == usd(130_00)


def test_currencies_and_environments_never_mix():
    barber, account = create_owing_barber()
    sell(account, 100_00)
    other = factories.create_connection(barber, environment="production")
    cad = {"amount": Money(50_00, "CAD"), "tip": Money(0, "CAD")}
    record(account, charge(occurred_at=LAST_WEEK, **cad))
    sell(other, 300_00)

    built = build()

    assert sorted((each.currency, each.amount_minor, each.environment) for each in built) == [
        ("CAD", 10_00, "sandbox"),
        ("USD", 20_00, "sandbox"),
    ]


def test_barbers_of_every_mode_are_collected_from_and_those_without_a_config():
    accounts = [create_owing_barber(mode=mode)[1] for mode in Mode]
    unconfigured = factories.create_barber()
    accounts.append(factories.create_connection(unconfigured))
    for account in accounts:
        sell(account, 200_00)

    built = build()

    assert {each.barber_id for each in built} == {account.owner_id for account in accounts}
    assert {each.amount_minor for each in built} == {40_00}


def test_a_dispute_that_was_won_is_owed_again():
    barber, account = create_owing_barber()
    (sale,) = sell(account, 100_00)
    build()
    record(account, about(sale, MovementKind.DISPUTE))
    record(account, about(sale, MovementKind.DISPUTE_WON))
    charge_platform_fee(
        barber=barber, amount=usd(9_00), reference="2026-06", reason="June", by=BY, now=MONDAY
    )

    assert list_lines(build_one(BUILD + WEEK)) == [-20_00, 20_00, 9_00]


def count_statements(barbers: int) -> int:
    for _ in range(barbers):
        sell(create_owing_barber()[1], 100_00)
    with CaptureQueriesContext(database) as captured:
        assert len(build()) == barbers
    return len(captured)


def test_the_number_of_statements_does_not_depend_on_that_of_the_barbers():
    few = count_statements(2)
    PlatformCollection.objects.filter(state="pending").update(
        period_end=date(2026, 5, 1), period_start=date(2026, 4, 1)
    )

    assert count_statements(12) == few
