"""Real deadlocks and serialisation failures between real transactions."""

from collections.abc import Callable
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from bookedbarber.accounts.models import Enterprise
from bookedbarber.foundation.database import retry_transaction, retrying
from tests import factories
from tests.foundation.at_once import do_at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick(settings) -> None:
    settings.TRANSACTION_RETRY_SECONDS = 0.01


class Meeting:
    """Lets each of two threads wait for the other, the first time only."""

    def __init__(self) -> None:
        self._barrier = Barrier(2)
        self.attempts = 0

    def wait(self) -> None:
        self.attempts += 1
        try:
            self._barrier.wait(timeout=60)
        except BrokenBarrierError:
            return
        if self.attempts >= 2:
            self._barrier.abort()


def create_two() -> list[Enterprise]:
    return [factories.create_enterprise(name="0") for _ in range(2)]


def lock(row: Enterprise) -> Enterprise:
    return Enterprise.objects.select_for_update().get(pk=row.pk)


def add_one(row: Enterprise) -> None:
    row.name = str(int(row.name) + 1)
    row.save()


def test_after_a_deadlock_the_loser_begins_again_and_both_succeed(caplog) -> None:
    rows, meeting = create_two(), Meeting()

    @retry_transaction
    def add_to_both(first: Enterprise, second: Enterprise) -> str:
        one = lock(first)
        add_one(one)
        meeting.wait()
        add_one(lock(second))
        return "done"

    results = do_at_once(
        [lambda: add_to_both(rows[0], rows[1]), lambda: add_to_both(rows[1], rows[0])]
    )

    assert results == ["done", "done"]
    assert meeting.attempts == 3
    assert set(Enterprise.objects.values_list("name", flat=True)) == {"2"}
    assert "lost a race (deadlock detected" in caplog.text


def test_after_a_serialisation_failure_the_loser_begins_again_and_no_cent_is_lost(caplog) -> None:
    row, meeting = create_two()[0], Meeting()

    @retry_transaction
    def add_after_reading() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        found = Enterprise.objects.get(pk=row.pk)
        meeting.wait()
        add_one(found)

    results = do_at_once([add_after_reading, add_after_reading])

    row.refresh_from_db()
    assert results == [None, None]
    assert row.name == "2"
    assert "could not serialize access" in caplog.text


def fail_with(sqlstate: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"DO $$ BEGIN RAISE EXCEPTION 'as asked' USING ERRCODE = '{sqlstate}'; END $$"
        )


class Failing:
    """An act that writes, then fails so many times in a way that the database reports."""

    def __init__(self, fail: Callable[[], Any], *, times: int) -> None:
        self.runs = 0
        self._fail, self._times = fail, times
        self._owner = factories.create_user()

    def __call__(self) -> int:
        self.runs += 1
        Enterprise.objects.create(name=str(self.runs), owner=self._owner)
        if self.runs <= self._times:
            self._fail()
        return self.runs


def run_with_retries(act: Failing) -> int:
    @retry_transaction
    def repeatable() -> int:
        return act()

    return repeatable()


@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
def test_every_attempt_but_the_last_leaves_nothing(sqlstate: str) -> None:
    act = Failing(lambda: fail_with(sqlstate), times=3)

    assert run_with_retries(act) == 4
    assert list(Enterprise.objects.values_list("name", flat=True)) == ["4"]


def test_after_three_repetitions_the_failure_is_reported() -> None:
    act = Failing(lambda: fail_with("40P01"), times=100)

    with pytest.raises(OperationalError):
        run_with_retries(act)

    assert act.runs == 4
    assert not Enterprise.objects.exists()


@pytest.mark.parametrize(
    ("sqlstate", "error"),
    [("23505", IntegrityError), ("57014", OperationalError), ("55P03", OperationalError)],
)
def test_other_failures_are_not_repeated(sqlstate: str, error: type[Exception]) -> None:
    act = Failing(lambda: fail_with(sqlstate), times=100)

    with pytest.raises(error):
        run_with_retries(act)

    assert act.runs == 1


def test_a_bug_is_not_repeated_and_is_rolled_back() -> None:
    act = Failing(lambda: 1 / 0, times=100)

    with pytest.raises(ZeroDivisionError):
        run_with_retries(act)

    assert act.runs == 1
    assert not Enterprise.objects.exists()


def test_inside_an_open_transaction_it_runs_once() -> None:
    act = Failing(lambda: fail_with("40P01"), times=100)

    with pytest.raises(OperationalError), transaction.atomic():
        run_with_retries(act)

    assert act.runs == 1


def test_the_waits_double_with_jitter(settings) -> None:
    settings.TRANSACTION_RETRY_SECONDS = 0.5

    for attempt, most in enumerate((0.5, 1.0, 2.0)):
        waits = [retrying._get_wait_seconds(attempt) for _ in range(100)]
        assert most / 2 <= min(waits) < max(waits) <= most
        assert len(set(waits)) > 50
