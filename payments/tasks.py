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
    discrepancies,
    disputes,
    parked_events,
    payout_unknowns,
    payouts,
    reconciliations,
    seals,
    syncs,
    transfers,
    unknown_refunds,
    unknowns,
)


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


@slot_task("payments.forget_old_idempotency_keys")
def forget_old_idempotency_keys(_run: Run) -> Mapping[str, Any]:
    kept = timedelta(days=settings.IDEMPOTENCY_KEY_DAYS)
    return {"forgotten": idempotency.forget_old_keys(before=timezone.now() - kept)}


@shared_task(name="payments.sync_connection")
def sync_connection(connection_id: int, thorough: bool = True, **_later_arguments: object) -> str:
    """One account; a long one goes on in a further task, so that no message waits for hours."""
    return syncs.work_off_sync(
        connection=Connection.objects.get(pk=connection_id),
        by="job:payments.sync_connection",
        now=timezone.now(),
        thorough=thorough,
    )


@shared_task(name="payments.wake_requested_syncs")
def wake_requested_syncs(**_later_arguments: object) -> int:
    return syncs.wake_requested_syncs(now=timezone.now())


@slot_task("payments.sync_live_connections")
def sync_live_connections(run: Run) -> Mapping[str, Any]:
    return {"queued": syncs.wake_due_syncs(now=run.slot, live_only=True)}


@slot_task("payments.sync_all_connections")
def sync_all_connections(run: Run) -> Mapping[str, Any]:
    return {"queued": syncs.wake_due_syncs(now=run.slot, live_only=False)}


@slot_task("payments.forget_old_syncs")
def forget_old_syncs(run: Run) -> Mapping[str, Any]:
    kept = timedelta(days=settings.SYNC_RUN_DAYS)
    return {"forgotten": syncs.forget_old_syncs(before=run.slot - kept)}


@slot_task("payments.pay_out")
def pay_out(_run: Run) -> Mapping[str, Any]:
    return {"payouts": len(payouts.pay_out(by="job:payments.pay_out", now=timezone.now()))}


@shared_task(name="payments.mark_lost_payouts")
def mark_lost_payouts(**_later_arguments: object) -> int:
    return payout_unknowns.mark_lost_payouts(now=timezone.now())


@shared_task(name="payments.settle_unknown_payouts")
def settle_unknown_payouts(**_later_arguments: object) -> int:
    return payout_unknowns.settle_unknown_payouts(now=timezone.now())


@shared_task(name="payments.follow_reversals")
def follow_reversals(**_later_arguments: object) -> int:
    return transfers.follow_reversals(by="job:payments.follow_reversals")


@shared_task(name="payments.follow_disputes")
def follow_disputes(**_later_arguments: object) -> int:
    return disputes.follow_disputes()


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


@slot_task("payments.report_missing_parents")
def report_missing_parents(run: Run) -> Mapping[str, Any]:
    waited = timedelta(hours=settings.MISSING_PARENT_HOURS)
    return {"reported": discrepancies.report_missing_parents(before=run.slot - waited)}


@slot_task("payments.reconcile")
def reconcile(run: Run) -> Mapping[str, Any]:
    """Every account's last days; accounts that an earlier try of the slot had done are left out."""
    done = list(run.figures.get("done", []))
    counts = {"accounts": 0, "failed": 0, "opened": 0, "resolved": 0}
    counts |= {name: run.figures[name] for name in counts if name in run.figures}
    runs = reconciliations.reconcile_connections(
        days=settings.RECONCILIATION_DAYS,
        by="job:payments.reconcile",
        now=timezone.now(),
        leave_out=done,
    )
    for one in runs:
        done.append(one.connection_id)
        counts = reconciliations.add_figures(counts, run=one)
        run.note(done=done, **counts)
    return {"done": done, **counts}


@slot_task("payments.seal_ledger")
def seal_ledger(_run: Run) -> Mapping[str, Any]:
    return {"sealed": seals.seal_ledger(now=timezone.now())}
