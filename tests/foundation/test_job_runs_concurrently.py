"""Several workers at one slot."""

from datetime import UTC, datetime, timedelta
from threading import Lock

import pytest
from django.utils import timezone

from bookedbarber.foundation.job_runs import run_job
from bookedbarber.foundation.models import JobRun
from tests.foundation.at_once import do_at_once

pytestmark = pytest.mark.django_db(transaction=True)

SLOT = datetime(2026, 6, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize("is_lost", [False, True])
def test_one_of_six_workers_runs_it(is_lost):
    if is_lost:
        over = timezone.now() - timedelta(seconds=1)
        JobRun.objects.create(job="test.count", slot=SLOT, lease_until=over)
    calls, guard = [], Lock()

    def work(run):
        with guard:
            calls.append(run.slot)

    rows = do_at_once([lambda: run_job(job="test.count", slot=SLOT, work=work)] * 6)

    assert calls == [SLOT]
    assert sum(isinstance(row, JobRun) for row in rows) == 1
    assert [row for row in rows if row is not None and not isinstance(row, JobRun)] == []
