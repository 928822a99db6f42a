"""manage.py reconcile, and the weekly job."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from bookedbarber.foundation.models import JobRun
from payments import tasks
from payments.models import Discrepancy, ReconciliationRun
from tests import factories
from tests.payments.reconciliation.accounts import plant, sell_and_sync

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _at_once(settings):
    settings.RECONCILIATION_GRACE_SECONDS = 0


@pytest.fixture
def square(connect, simulator):
    connection = connect(factories.create_barber(), "square")
    [name] = sell_and_sync(simulator, connection, 1)
    plant(simulator, connection, "amount", name)
    return connection


def run(*arguments):
    out = StringIO()
    call_command("reconcile", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_it_says_what_it_found_per_account(square):
    printed = run("--barber", str(square.owner_id))

    assert f"{square.public_id} (barber {square.owner_id}): completed" in printed
    assert "0 of 1 there matched, 1 here; 1 amount_differs; 1 opened, 0 resolved" in printed


def test_its_figures_as_json_and_a_dry_run(square):
    [figures] = json.loads(run("--connection", square.public_id, "--days", "3", "--json"))
    assert (figures["status"], figures["found"]) == ("completed", {"amount_differs": 1})

    Discrepancy.objects.all().delete()
    assert "1 amount_differs; 0 opened" in run("--connection", str(square.pk), "--dry-run")
    assert not Discrepancy.objects.exists()


def test_an_account_that_cannot_be_read_ends_with_a_status(square, simulator, settings):
    settings.PROCESSOR_RETRY_SECONDS = 0.01
    simulator.add_fault("garbage", account_id=square.account_id, times="always")

    with pytest.raises(CommandError, match="1 of 1"):
        run("--connection", square.public_id)


@pytest.mark.parametrize("arguments", [["--connection", "con_nobody"], ["--days", "0"]])
def test_what_makes_no_sense_is_refused(arguments):
    with pytest.raises(CommandError):
        run(*arguments)


def test_the_weekly_job_reconciles_every_account(square):
    tasks.reconcile()

    figures = JobRun.objects.get(job="payments.reconcile").figures
    assert (figures["accounts"], figures["failed"], figures["opened"]) == (2, 0, 1)
    assert ReconciliationRun.objects.completed().count() == 2
