"""`build_collections`: builds once, says what it did, and what it would do."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from bookedbarber.foundation.models import JobRun
from bookedbarber.notifications.models import OutgoingMail
from collections_app.models import PlatformCollection
from collections_app.operations.rent_plans import create_rent_plan
from tests.collections_app.owing import create_owing_barber, sell
from tests.payments.books import BY, usd

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("build_collections", *arguments, stdout=out)
    return out.getvalue().strip()


def test_rent_and_commission_are_collected_once_and_a_trial_changes_nothing():
    barber, account = create_owing_barber(buffer_days=0)
    long_ago = timezone.now() - timedelta(days=14)
    sell(account, 100_00, at=long_ago)
    create_rent_plan(
        barber=barber,
        amount=usd(150_00),
        frequency="weekly",
        starts_on=(long_ago - timedelta(days=7)).date(),
        ends_on=long_ago.date(),
        by=BY,
        now=long_ago,
    )

    assert run("--dry-run") == "Would build 2 collections of 2 lines."
    assert not PlatformCollection.objects.exists()
    assert not OutgoingMail.objects.exists()
    made = json.loads(run("--json"))
    assert run() == "Built 0 collections of 0 lines."

    assert made == {"rents": 1, "collections": 2, "lines": 2, "amounts_minor": {"USD": 170_00}}
    assert JobRun.objects.filter(job="collections.build_collections").count() == 2
