from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from bookedbarber.foundation import idempotency
from bookedbarber.foundation.job_runs import Run
from bookedbarber.foundation.job_tasks import slot_task
from processors.models import Connection

from .operations import (
    access,
    authorizations,
    checkouts,
    connection_health,
    connections,
    parked_events,
    unknowns,
)


@shared_task(name="payments.mark_lost_legs")
def mark_lost_legs(**_later_arguments: object) -> int:
    return unknowns.mark_lost_legs(now=timezone.now())


@shared_task(name="payments.settle_unknown_legs")
def settle_unknown_legs(**_later_arguments: object) -> int:
    return unknowns.settle_unknown_legs(now=timezone.now())


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


@slot_task("payments.forget_old_idempotency_keys")
def forget_old_idempotency_keys(_run: Run) -> Mapping[str, Any]:
    kept = timedelta(days=settings.IDEMPOTENCY_KEY_DAYS)
    return {"forgotten": idempotency.forget_old_keys(before=timezone.now() - kept)}


@slot_task("payments.refresh_access")
def refresh_access(_run: Run) -> Mapping[str, Any]:
    """Renews OAuth access at half its life, and gives back what could not be given back."""
    now = timezone.now()
    return {
        "renewed": access.refresh_due_access(now=now),
        "given_back": access.revoke_due_access(now=now),
    }


@slot_task("payments.remove_abandoned_authorizations")
def remove_abandoned_authorizations(_run: Run) -> Mapping[str, Any]:
    return {"removed": authorizations.remove_abandoned_authorizations(now=timezone.now())}


@slot_task("payments.probe_failing_connections")
def probe_failing_connections(_run: Run) -> Mapping[str, Any]:
    return {"answering": connection_health.probe_failing_connections(now=timezone.now())}


@slot_task("payments.update_connection_health")
def update_connection_health(run: Run) -> Mapping[str, Any]:
    def note(figures: dict[str, Any]) -> None:
        run.note(**figures)

    return connection_health.update_connection_health(now=timezone.now(), on_progress=note)


@shared_task(name="payments.release_parked_events")
def release_parked_events(**_later_arguments: object) -> int:
    return parked_events.release_parked_events(now=timezone.now())
