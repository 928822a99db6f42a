from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from bookedbarber.foundation import idempotency

from .operations import lost_legs


@shared_task(name="payments.mark_lost_legs")
def mark_lost_legs(**_later_arguments: object) -> int:
    return lost_legs.mark_lost_legs(now=timezone.now())


@shared_task(name="payments.forget_old_idempotency_keys")
def forget_old_idempotency_keys(**_later_arguments: object) -> int:
    kept = timedelta(days=settings.IDEMPOTENCY_KEY_DAYS)
    return idempotency.forget_old_keys(before=timezone.now() - kept)
