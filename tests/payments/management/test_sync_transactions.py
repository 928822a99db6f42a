"""manage.py sync_transactions"""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from payments.models import ExternalTransaction
from tests import factories
from tests.payments.syncs.accounts import sell

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments):
    out = StringIO()
    call_command("sync_transactions", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_it_reads_and_says_what_it_found(connect, simulator):
    connection = connect(factories.create_barber())
    sell(simulator, connection, 3)

    printed = run("--connection", connection.public_id)

    assert "completed, 3 seen, 3 new, 0 changed, 0 unchanged" in printed


def test_its_figures_as_json_and_its_plan(connect, simulator):
    connection = connect(factories.create_barber())
    sell(simulator, connection, 2)

    assert "for the first time" in run("--connection", str(connection.pk), "--dry-run")
    assert not ExternalTransaction.objects.exists()
    [figures] = json.loads(
        run("--connection", str(connection.pk), "--since", "2024-01-01", "--json")
    )
    assert (figures["status"], figures["new"], figures["error"]) == ("completed", 2, "")
    assert "payments read until" in run("--connection", str(connection.pk), "--dry-run")


def test_a_sync_that_fails_ends_with_a_status(connect, simulator, settings):
    settings.PROCESSOR_RETRY_SECONDS = 0.01
    connection = connect(factories.create_barber())
    simulator.add_fault("garbage", account_id=connection.account_id, times="always")

    with pytest.raises(CommandError, match="1 of 1"):
        run("--connection", connection.public_id)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--connection", "con_nobody"], "There is no connection con_nobody"),
        (["--since", "yesterday"], "yesterday is no moment"),
        (["--since", "2024-13-01"], "2024-13-01 is no moment"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, said):
    with pytest.raises(CommandError, match=said):
        run(*arguments)
