"""Runs asked for and begun. What an earlier run was asked for and did not finish goes on."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from processors.models import Connection

from ...models import SyncRun
from ...states import SyncOutcome


def merge_request(
    *, connection: Connection, by: str, now: datetime, since: datetime | None, force: bool
) -> SyncRun:
    """The request that waits, with this one taken in, or a new one. In the caller's transaction."""
    Connection.objects.select_for_update(of=["self"]).get(pk=connection.pk)
    run = SyncRun.objects.requested().filter(connection=connection).first()
    if run is None:
        run = SyncRun(connection=connection, requested_by=by, requested_at=now)
    _take_in(run, since=since, force=force, thorough=True)
    run.save()
    return run


@transaction.atomic
def begin_run(
    *,
    connection: Connection,
    by: str,
    now: datetime,
    since: datetime | None = None,
    force: bool = False,
    thorough: bool = True,
) -> SyncRun:
    """Begin the request that waits, else a run of our own, for an earlier one if that is open.

    Call it under the account's lock: whatever else is under way has lost its process.
    """
    SyncRun.objects.under_way().filter(connection=connection).update(
        ended_at=timezone.now(), outcome=SyncOutcome.INTERRUPTED, error="The process ended"
    )
    run = (
        SyncRun.objects.select_for_update().requested().filter(connection=connection).first()
    ) or SyncRun(connection=connection, requested_by=by, requested_at=now, is_thorough=False)
    _take_in(run, since=since, force=force, thorough=thorough)
    _take_over(run)
    run.started_at = now
    run.save()
    return run


def _take_over(run: SyncRun) -> None:
    """Go on for the last run where it did not come to its end."""
    last = SyncRun.objects.exclude(ended_at=None).filter(connection=run.connection).order_by("-pk")
    before = last.first()
    if before is None or before.outcome == SyncOutcome.COMPLETED:
        return
    is_new_request = run.since is not None or run.is_forced
    _take_in(run, since=before.since, force=before.is_forced, thorough=before.is_thorough)
    if not is_new_request:
        run.continues, run.requested_at = before, before.requested_at


def _take_in(run: SyncRun, *, since: datetime | None, force: bool, thorough: bool) -> None:
    asked = [moment for moment in (run.since, since) if moment is not None]
    run.since = min(asked, default=None)
    run.is_forced = run.is_forced or force
    run.is_thorough = run.is_thorough or thorough
