from celery import shared_task
from django.utils import timezone

from .operations import refresh_tokens


@shared_task(name="accounts.forget_expired_tokens")
def forget_expired_tokens(**_later_arguments: object) -> int:
    return refresh_tokens.forget_expired_tokens(now=timezone.now())
