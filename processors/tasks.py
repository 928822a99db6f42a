from collections.abc import Mapping
from typing import Any

from celery import shared_task
from django.utils import timezone

from bookedbarber.foundation.job_runs import Run
from bookedbarber.foundation.job_tasks import slot_task

from .operations import webhook_handling, webhook_replay


@shared_task(name="processors.handle_webhook_events")
def handle_webhook_events(**_later_arguments: object) -> int:
    return webhook_handling.handle_webhook_events(now=timezone.now())


@slot_task("processors.forget_webhook_bodies")
def forget_webhook_bodies(run: Run) -> Mapping[str, Any]:
    return {"forgotten": webhook_replay.forget_webhook_bodies(now=run.slot)}
