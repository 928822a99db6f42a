from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from bookedbarber.foundation import idempotency
from processors.models import Connection

from .operations import checkouts, connections, unknown_refunds, unknowns


@shared_task(name="payments.mark_lost_legs")
def mark_lost_legs(**_later_arguments: object) -> int:
    return unknowns.mark_lost_legs(now=timezone.now())


@shared_task(name="payments.settle_unknown_legs")
def settle_unknown_legs(**_later_arguments: object) -> int:
    return unknowns.settle_unknown_legs(now=timezone.now())


@shared_task(name="payments.mark_lost_refunds")
def mark_lost_refunds(**_later_arguments: object) -> int:
    return unknown_refunds.mark_lost_refunds(now=timezone.now())


@shared_task(name="payments.settle_unknown_refunds")
def settle_unknown_refunds(**_later_arguments: object) -> int:
    return unknown_refunds.settle_unknown_refunds(now=timezone.now())


@shared_task(name="payments.cancel_expired_checkouts")
def cancel_expired_checkouts(**_later_arguments: object) -> int:
    return checkouts.cancel_expired_checkouts(now=timezone.now())


@shared_task(name="payments.check_connection")
def check_connection(connection_id: int, **_later_arguments: object) -> None:
    connections.confirm_refusal(
        connection=Connection.objects.get(pk=connection_id),
        by="job:payments.check_connection",
        now=timezone.now(),
    )


@shared_task(name="payments.forget_old_idempotency_keys")
def forget_old_idempotency_keys(**_later_arguments: object) -> int:
    kept = timedelta(days=settings.IDEMPOTENCY_KEY_DAYS)
    return idempotency.forget_old_keys(before=timezone.now() - kept)
