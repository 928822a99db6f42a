from celery import shared_task
from django.utils import timezone

from .operations import webhook_handling, webhook_replay


@shared_task(name="processors.handle_webhook_events")
def handle_webhook_events(**_later_arguments: object) -> int:
    return webhook_handling.handle_webhook_events(now=timezone.now())


@shared_task(name="processors.forget_webhook_bodies")
def forget_webhook_bodies(**_later_arguments: object) -> int:
    return webhook_replay.forget_webhook_bodies(now=timezone.now())
