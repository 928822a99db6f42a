"""A slot of a job runs once, is recorded, and is taken up again when its process died."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management.base import CommandError
from django.utils import timezone

from bookedbarber.foundation.errors import Invalid
from bookedbarber.foundation.job_runs import forget_old_runs, resume_lost_runs, run_job
from bookedbarber.foundation.job_tasks import run_by_hand, slot_task
from bookedbarber.foundation.models import JobRun
from tests.foundation.test_jobs import read_queue
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

TWO_AM = datetime(2026, 6, 1, 2, tzinfo=UTC)
JOB = "test.count"


def run(work, slot=TWO_AM):
    return run_job(job=JOB, slot=slot, work=work)


def create_lost_run(**fields) -> JobRun:
    over = timezone.now() - timedelta(seconds=1)
    return JobRun.objects.create(job=JOB, slot=TWO_AM, lease_until=over, **fields)


def test_a_slot_runs_once_and_keeps_its_figures():
    calls = []

    first = run(lambda run: calls.append(run.slot) or {"seen": 3})
    second = run(lambda run: calls.append(run.slot))

    row = JobRun.objects.get()
    assert (calls, second) == ([TWO_AM], None)
    assert (row, row.state, row.figures, row.tries) == (first, "completed", {"seen": 3}, 1)
    assert row.started_at <= row.ended_at


def test_the_next_slot_is_another_run():
    run(lambda _: None)

    assert run(lambda _: None, slot=TWO_AM + timedelta(days=1)) is not None


def test_a_failure_is_seen_without_its_secrets_and_stops_nobody():
    def fail(run):
        run.note(seen=7)
        raise Invalid("the token sk_live_abcdefgh12345678 was refused")

    row = run(fail)
    again = run(lambda _: None)

    row.refresh_from_db()
    assert (row.state, row.figures, again) == ("failed", {"seen": 7}, None)
    assert row.error.startswith("Invalid: the token")
    assert "sk_live" not in row.error


def test_what_is_under_way_is_not_begun_again():
    inner = []

    run(lambda _: inner.append(run(lambda _: None)))

    assert inner == [None]


def test_a_lost_run_goes_on_from_its_figures():
    create_lost_run(figures={"done": 40})

    row = run(lambda run: {"done": run.figures["done"] + 2})

    row.refresh_from_db()
    assert (row.state, row.tries, row.figures) == ("completed", 2, {"done": 42})


def test_who_was_taken_over_changes_nothing_any_more(caplog):
    def work(run):
        JobRun.objects.update(tries=2)
        run.note(seen=1)

    run(work)

    row = JobRun.objects.get()
    assert (row.state, row.figures) == ("running", {})
    assert "was taken over" in caplog.text


def test_the_lease_is_kept_ahead_while_the_work_goes_on(settings):
    settings.JOB_LEASE_SECONDS = 0.3

    def work(run):
        first = JobRun.objects.get().lease_until
        wait_until(lambda: JobRun.objects.get().lease_until > first)
        return {"lost": JobRun.objects.lost(now=first).count()}

    assert run(work).figures == {"lost": 0}


def test_lost_runs_are_woken_with_their_slot():
    read_queue()
    create_lost_run()

    assert resume_lost_runs(now=timezone.now()) == 1

    assert read_queue() == [(JOB, {"slot": TWO_AM.isoformat()})]


def test_a_run_that_dies_each_time_is_given_up_and_says_so(settings):
    create_lost_run(tries=settings.JOB_TRIES)

    resume_lost_runs(now=timezone.now())

    row = JobRun.objects.get()
    assert (row.state, row.error) == ("failed", "Its process died 5 times")
    assert run(lambda _: None) is None


def test_old_runs_are_forgotten_but_none_under_way():
    run(lambda _: None)
    create_lost = JobRun.objects.create(
        job="test.other", slot=TWO_AM, lease_until=timezone.now() + timedelta(minutes=1)
    )

    assert forget_old_runs(before=timezone.now() + timedelta(days=1)) == 1
    assert JobRun.objects.get() == create_lost


def test_a_task_runs_the_slot_it_is_sent_once():
    calls = []
    task = slot_task("test.once")(lambda run: calls.append(run.slot))

    answers = [task(slot=TWO_AM.isoformat(), added_later=1) for _ in range(2)]

    assert (answers, calls) == ([True, False], [TWO_AM])


def test_by_hand_is_a_slot_of_its_own():
    before = timezone.now()

    row = run_by_hand(JOB, lambda _: {"seen": 1})

    assert before <= row.slot <= timezone.now()
    assert JobRun.objects.get().figures == {"seen": 1}


def test_a_failure_by_hand_is_the_commands():
    def fail(run):
        raise Invalid("no such period")

    with pytest.raises(CommandError, match="no such period"):
        run_by_hand(JOB, fail)
