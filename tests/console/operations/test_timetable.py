"""The timetable: from the code into the database, followed by beat, edited by operators."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from bookedbarber.beat import TimetableScheduler
from bookedbarber.celery import app
from bookedbarber.console.models import TimetableEntry
from bookedbarber.console.operations.timetable import seed_timetable, start_due_jobs, start_now
from bookedbarber.console.timetable import TIMETABLE, Job, Sweep
from bookedbarber.foundation.models import AuditEntry
from tests.foundation.test_jobs import read_queue

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 6, 1, 12, 0, 1, tzinfo=UTC)
TWO_AM = datetime(2026, 6, 2, 2, tzinfo=UTC)
SMALL = (Sweep("sweep", "test.sweep", 5), Job("nightly", "test.nightly", "0 2 * * *"))


@pytest.fixture(autouse=True)
def _seeded(transactional_db):
    TimetableEntry.objects.all().delete()
    read_queue()


def start(now):
    sent = []
    following = start_due_jobs(now=now, send=lambda entry, slot: sent.append((entry.name, slot)))
    return sent, following


# ── What the code says ──


@pytest.mark.parametrize("entry", TIMETABLE, ids=lambda entry: entry.name)
def test_every_job_is_a_task_and_knows_whether_it_has_slots(entry):
    app.loader.import_default_modules()

    task = app.tasks[entry.job]

    assert getattr(task, "has_slots", False) is isinstance(entry, Job)


def test_names_are_told_apart_and_beat_has_no_other_timetable():
    assert len({entry.name for entry in TIMETABLE}) == len(TIMETABLE)
    assert not app.conf.beat_schedule, "entries belong in bookedbarber/console/timetable.py"


# ── Seeding ──


def test_seeding_adds_what_is_missing_and_keeps_what_was_edited():
    assert seed_timetable(now=NOON, timetable=SMALL) == 2
    TimetableEntry.objects.filter(name="nightly").update(times="30 4 * * *", is_enabled=False)

    assert seed_timetable(now=NOON, timetable=SMALL) == 0

    kept = TimetableEntry.objects.get(name="nightly")
    assert (kept.times, kept.is_enabled, kept.has_slots) == ("30 4 * * *", False, True)


def test_seeding_follows_the_code_in_names():
    seed_timetable(now=NOON, timetable=SMALL)

    seed_timetable(now=NOON, timetable=(Job("nightly", "test.renamed", "0 9 * * *"),))

    entry = TimetableEntry.objects.get()
    assert (entry.job, entry.times) == ("test.renamed", "0 2 * * *")


def test_the_command_seeds_all(capsys):
    call_command("seed_timetable")

    assert TimetableEntry.objects.count() == len(TIMETABLE)
    assert f"Added {len(TIMETABLE)} entries" in capsys.readouterr().out


@pytest.mark.parametrize("fields", [{}, {"every_seconds": 5, "times": "* * * * *"}])
def test_an_entry_has_one_schedule(fields):
    with pytest.raises(IntegrityError):
        TimetableEntry.objects.create(name="x", job="test.x", has_slots=True, **fields)


# ── Following it ──


def test_a_new_entry_waits_for_its_next_time():
    seed_timetable(now=NOON, timetable=SMALL)

    assert start(NOON) == ([], datetime(2026, 6, 1, 12, 0, 5, tzinfo=UTC))


def test_what_is_due_is_sent_once():
    seed_timetable(now=NOON, timetable=SMALL)
    later = TWO_AM + timedelta(seconds=3)

    first, _ = start(later)
    second, following = start(later)

    assert first == [("sweep", TWO_AM), ("nightly", TWO_AM)]
    assert (second, following) == ([], TWO_AM + timedelta(seconds=5))


def test_times_missed_while_nothing_ran_are_made_up_once():
    seed_timetable(now=NOON, timetable=SMALL)

    sent, _ = start(TWO_AM + timedelta(days=3, hours=7))

    assert ("nightly", TWO_AM + timedelta(days=3)) in sent
    assert len(sent) == 2


def test_what_is_switched_off_is_left_out():
    seed_timetable(now=NOON, timetable=SMALL)
    TimetableEntry.objects.update(is_enabled=False)

    assert start(TWO_AM) == ([], None)


def test_what_could_not_be_sent_is_still_due():
    seed_timetable(now=NOON, timetable=SMALL)

    def fail(entry, slot):
        raise ConnectionError

    with pytest.raises(ConnectionError):
        start_due_jobs(now=TWO_AM, send=fail)

    assert len(start(TWO_AM)[0]) == 2


# ── Beat ──


def test_beat_seeds_sends_slots_to_the_broker_and_looks_again_soon():
    beat = TimetableScheduler(app)
    beat.tick()
    TimetableEntry.objects.exclude(has_slots=True).update(is_enabled=False)
    TimetableEntry.objects.filter(name="forget old job runs").update(
        last_slot=timezone.now() - timedelta(days=2)
    )

    seconds = beat.tick()
    beat.close()

    ((job, arguments),) = read_queue()
    assert (job, 0 <= seconds <= 5) == ("console.forget_old_runs", True)
    assert datetime.fromisoformat(arguments["slot"]).strftime("%H:%M:%S") == "03:53:00"


def test_beat_outlives_a_broker_that_is_away(monkeypatch, caplog):
    monkeypatch.setattr(app.conf, "broker_write_url", "redis://127.0.0.1:9/0")
    seed_timetable(now=NOON)
    beat = TimetableScheduler(app)
    monkeypatch.setattr(beat, "_ensure_connected", app.connection_for_write)

    assert beat.tick() == 5

    assert "could not be followed" in caplog.text


# ── Operators ──


def test_an_operator_starts_a_job_now_and_that_is_remembered():
    seed_timetable(now=NOON, timetable=SMALL)

    for entry in TimetableEntry.objects.order_by("pk"):
        start_now(entry=entry, by="usr_ann", now=NOON)

    assert read_queue() == [
        ("test.sweep", {}),
        ("test.nightly", {"slot": NOON.isoformat()}),
    ]
    assert set(AuditEntry.objects.values_list("by", flat=True)) == {"usr_ann"}


def test_an_operator_edits_when(superuser, as_person):
    seed_timetable(now=NOON, timetable=SMALL)
    entry = TimetableEntry.objects.get(name="nightly")
    page = reverse("admin:console_timetableentry_change", args=[entry.pk])
    browser = as_person(superuser)

    refused = browser.post(page, {"times": "0 25 * * *", "is_enabled": "on"})
    both = browser.post(page, {"times": "0 3 * * *", "every_seconds": "5", "is_enabled": "on"})
    saved = browser.post(page, {"times": "0 3 * * *", "is_enabled": "on"})

    entry.refresh_from_db()
    assert "hour: 25 is not from 0 to 23" in refused.content.decode()
    assert "Give either seconds or times." in both.content.decode()
    assert (saved.status_code, entry.times) == (302, "0 3 * * *")
    assert AuditEntry.objects.get().before == {"times": "0 2 * * *"}
