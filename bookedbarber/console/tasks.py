from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from bookedbarber.foundation import job_runs
from bookedbarber.foundation.job_tasks import slot_task


@shared_task(name="console.resume_lost_runs")
def resume_lost_runs(**_later_arguments: object) -> int:
    return job_runs.resume_lost_runs(now=timezone.now())


@slot_task("console.forget_old_runs")
def forget_old_runs(_run: job_runs.Run) -> Mapping[str, Any]:
    kept = timedelta(days=settings.JOB_RUN_DAYS)
    return {"forgotten": job_runs.forget_old_runs(before=timezone.now() - kept)}
