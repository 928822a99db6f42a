from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from bookedbarber.foundation.job_runs import Run
from bookedbarber.foundation.job_tasks import slot_task

from .operations import mail_sending, mails


@shared_task(name="notifications.send_mails")
def send_mails(**_later_arguments: object) -> int:
    return mail_sending.send_due_mails(now=timezone.now())


@slot_task("notifications.forget_old_mails")
def forget_old_mails(run: Run) -> Mapping[str, Any]:
    kept = timedelta(days=settings.MAIL_DAYS)
    return {"forgotten": mails.forget_old_mails(before=run.slot - kept)}
