"""Reconciling again changes nothing, at once is once, and cut in the middle is no harm."""

from datetime import timedelta

import pytest
from django.db import connection as database

from payments.models import Discrepancy, ListedMovement, ReconciliationRun
from payments.operations.reconciling.locks import ReconciliationUnderWay
from payments.queries.coverage import get_coverage
from tests import factories
from tests.killing import die_at
from tests.payments.books import at_once, get_failed_checks
from tests.payments.reconciliation.accounts import (
    list_open,
    plant,
    reconcile,
    sell_and_sync,
    settle,
)

pytestmark = pytest.mark.django_db(transaction=True)

# Before and after each commit and call of a run, and some more.
BOUNDARIES = range(1, 13)


@pytest.fixture
def square(connect):
    return connect(factories.create_barber(), "square")


def list_row_versions():
    with database.cursor() as cursor:
        cursor.execute("SELECT id, ctid::text, xmin::text FROM payments_discrepancy ORDER BY id")
        return cursor.fetchall()


def test_again_it_changes_nothing(square, simulator):
    first, second = sell_and_sync(simulator, square, 2)
    plant(simulator, square, "amount", first)
    plant(simulator, square, "deleted", second)
    plant(simulator, square, "added")
    reconcile(square)
    before = list_row_versions()

    run = reconcile(square)

    assert (run.opened, run.resolved) == (0, 0)
    assert len(before) == 3
    assert list_row_versions() == before
    assert not ListedMovement.objects.exists()


def test_what_is_ignored_is_not_opened_again_while_its_figures_stay(square, simulator):
    [name] = sell_and_sync(simulator, square, 1)
    plant(simulator, square, "fee", name)
    reconcile(square)
    settle(Discrepancy.objects.get(), "ignore", reason="The statement is right.")

    assert reconcile(square).opened == 0
    simulator.act("plants", kind="fee", object_id=name, fee_minor=7_77)

    assert reconcile(square).opened == 1


def test_what_is_gone_resolves_itself(square, simulator):
    [name] = sell_and_sync(simulator, square, 1)
    amount = square.transactions.get(external_id=name).amount_minor
    plant(simulator, square, "amount", name)
    reconcile(square)
    simulator.act("plants", kind="amount", object_id=name, amount_minor=amount)

    run = reconcile(square)

    assert run.resolved == 1
    assert list_open() == {}


def test_a_cent_is_tolerated_and_more_than_one_unit_is_urgent(square, simulator):
    names = sell_and_sync(simulator, square, 3)
    for name, cents in zip(names, (1, 2, 101), strict=True):
        amount = square.transactions.get(external_id=name).amount_minor
        simulator.act("plants", kind="amount", object_id=name, amount_minor=amount + cents)

    reconcile(square)

    urgent = dict(Discrepancy.objects.values_list("external_id", "is_urgent"))
    assert urgent == {names[1]: False, names[2]: True}


def test_two_at_once_open_each_difference_once(square, simulator):
    for name in sell_and_sync(simulator, square, 3):
        plant(simulator, square, "amount", name)

    results = at_once([lambda: reconcile(square), lambda: reconcile(square)])

    assert Discrepancy.objects.count() == 3
    refused = [one for one in results if isinstance(one, Exception)]
    assert all(isinstance(one, ReconciliationUnderWay) for one in refused)


def test_two_who_settle_at_once_settle_once(square, simulator):
    [name] = sell_and_sync(simulator, square, 1)
    plant(simulator, square, "amount", name)
    reconcile(square)
    row = Discrepancy.objects.get()

    results = at_once([lambda: settle(row), lambda: settle(row)])

    assert [one.fix for one in results] == ["accept_theirs", "accept_theirs"]
    assert square.transactions.count() == 2
    assert get_failed_checks() == set()


def test_killed_at_any_boundary_it_leaves_nothing_half_done(square, simulator):
    [name] = sell_and_sync(simulator, square, 1)
    plant(simulator, square, "amount", name)

    deaths = [die_at(number, lambda: reconcile(square)) for number in BOUNDARIES]
    reconcile(square)

    assert sum(deaths) > 3
    assert (Discrepancy.objects.count(), ListedMovement.objects.count()) == (1, 0)
    assert get_failed_checks() == set()


def test_a_run_whose_process_died_is_ended_by_the_next_one(square, simulator):
    sell_and_sync(simulator, square, 1)
    run = reconcile(square)
    ReconciliationRun.objects.filter(pk=run.pk).update(outcome="", ended_at=None)

    reconcile(square)

    run.refresh_from_db()
    assert (run.outcome, run.error) == ("interrupted", "The process ended")


def test_a_list_that_cannot_be_read_opens_and_resolves_nothing(square, simulator, settings):
    settings.PROCESSOR_RETRY_SECONDS = 0.01
    [name] = sell_and_sync(simulator, square, 1)
    plant(simulator, square, "amount", name)
    reconcile(square)
    simulator.add_fault("garbage", account_id=square.account_id, times="always")

    run = reconcile(square)

    assert run.outcome == "failed"
    assert run.error
    assert list_open() == {name: "amount_differs"}


def test_what_has_just_moved_is_left_out(square, simulator, settings):
    settings.RECONCILIATION_GRACE_SECONDS = 600
    plant(simulator, square, "added")

    run = reconcile(square)

    assert (run.there, run.found) == (0, {})


def test_what_is_older_than_the_period_is_left_out(square, simulator):
    [name] = sell_and_sync(simulator, square, 1)
    plant(simulator, square, "deleted", name)
    row = square.transactions.get()
    square.transactions.update(occurred_at=row.occurred_at - timedelta(days=8))

    assert reconcile(square).found == {}


def test_a_dry_run_counts_and_keeps_nothing(square, simulator):
    [name] = sell_and_sync(simulator, square, 1)
    plant(simulator, square, "amount", name)

    run = reconcile(square, is_dry=True)

    assert run.found == {"amount_differs": 1}
    assert not Discrepancy.objects.exists()
    assert not ReconciliationRun.objects.exists()


def test_coverage_is_said_in_words_and_follows_what_is_recorded(square, simulator):
    sell_and_sync(simulator, square, 8)
    names = sorted(plant(simulator, square, "added") for _ in range(2))
    reconcile(square)

    covered = get_coverage([square])[square.pk]
    assert covered.sentence.startswith("80.0 % of your Square sales are here; these 2 are not: ")
    assert sorted(covered.missing) == names

    settle(Discrepancy.objects.open().first())
    sentence = get_coverage([square])[square.pk].sentence
    assert sentence.startswith("90.0 % of your Square sales are here; this one is not: ")

    settle(Discrepancy.objects.open().get())
    assert get_coverage([square])[square.pk].sentence == "All of your 10 Square sales are here."
