"""Reconciliation: an account's lists, read afresh, beside what is recorded here."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from bookedbarber.foundation.database import retry_transaction
from bookedbarber.foundation.errors import DomainError
from processors.errors import CredentialsRefused
from processors.models import Connection
from processors.registry import AbilityNotSupported

from ..models import ListedMovement, ReconciliationRun
from ..queries.comparisons import compare, count, count_differences
from ..queries.same_visits import add_lone_parts, add_same_visits
from ..states import ReconciliationOutcome
from .connections import confirm_refusal
from .reconciling.locks import ReconciliationUnderWay, only_reconciliation_of
from .reconciling.opening import open_differences, resolve_gone
from .reconciling.reading import ask_about_missing, read_lists
from .syncing.access import AccountReader
from .syncs import READABLE_STATES, NotReadable
from .visit_matches import match_visits


def reconcile_connection(
    *, connection: Connection, days: int, by: str, now: datetime, is_dry: bool = False
) -> ReconciliationRun:
    """Compare the last `days` of an account with its processor's lists, movement by movement.

    Each difference becomes a discrepancy with both sides' figures and suggested fixes, once for an
    object; what is not found any more resolves itself. What moved just now is left out. Repeatable:
    nothing changed, nothing written but the run. It may be killed anywhere: all that it finds is
    written in one transaction, and the next run reads afresh. The run says why it failed. `is_dry`
    counts only: nothing is opened, nothing resolved, and no run is kept.

    :raises NotReadable: the connection is neither connected nor in error.
    :raises ReconciliationUnderWay: another one of the account is at work.
    :raises AbilityNotSupported: the processor has no lists.
    """
    if connection.state not in READABLE_STATES:
        raise NotReadable(state=connection.state, reason=connection.last_error)
    with only_reconciliation_of(connection):
        run = _begin(connection, days=days, by=by, now=now)
        try:
            account = AccountReader(connection, by=by, now=now)
            unreadable = read_lists(run, account)
            ask_about_missing(run, account, most=settings.RECONCILIATION_QUESTIONS)
            _settle(run, unreadable=unreadable, by=by, now=now, is_dry=is_dry)
        except DomainError as error:
            _fail(run, error, by=by, now=now)
        except BaseException as error:
            _end(run, ReconciliationOutcome.INTERRUPTED, type(error).__name__)
            raise
        if is_dry:
            _forget(run)
    return run


def reconcile_connections(
    *,
    days: int,
    by: str,
    now: datetime,
    barber_id: int | None = None,
    connection_id: int | None = None,
    leave_out: Collection[int] = (),
    is_dry: bool = False,
) -> Iterator[ReconciliationRun]:
    """Reconcile one account after the other, all unless told one barber or one account.

    One that fails does not stop the others; what cannot be read at all is left out, and so are
    the accounts in `leave_out`.
    """
    rows = Connection.objects.in_environment(settings.ENVIRONMENT).with_credentials()
    rows = rows.filter(state__in=READABLE_STATES).exclude(pk__in=leave_out)
    if barber_id is not None:
        rows = rows.filter(owner_id=barber_id)
    if connection_id is not None:
        rows = rows.filter(pk=connection_id)
    for connection in rows.order_by("pk"):
        try:
            yield reconcile_connection(
                connection=connection, days=days, by=by, now=now, is_dry=is_dry
            )
        except (AbilityNotSupported, NotReadable, ReconciliationUnderWay):
            continue


def add_figures(counts: Mapping[str, int], *, run: ReconciliationRun) -> dict[str, int]:
    """A job's figures with those of one more account."""
    return {
        "accounts": counts["accounts"] + 1,
        "failed": counts["failed"] + (run.outcome != ReconciliationOutcome.COMPLETED),
        "opened": counts["opened"] + run.opened,
        "resolved": counts["resolved"] + run.resolved,
    }


def _begin(connection: Connection, *, days: int, by: str, now: datetime) -> ReconciliationRun:
    """Under the account's lock, so whatever else seems under way has lost its process."""
    lost = ReconciliationRun.objects.filter(connection=connection, outcome="")
    for run in lost:
        _end(run, ReconciliationOutcome.INTERRUPTED, "The process ended")
    until = now - timedelta(seconds=settings.RECONCILIATION_GRACE_SECONDS)
    return ReconciliationRun.objects.create(
        connection=connection,
        requested_by=by,
        since=max(now - timedelta(days=days), connection.first_connected_at),
        until=until,
        started_at=now,
    )


@retry_transaction
def _settle(
    run: ReconciliationRun, *, unreadable: list[str], by: str, now: datetime, is_dry: bool
) -> None:
    compare(run, unreadable=unreadable)
    add_same_visits(run)
    add_lone_parts(run)
    if not is_dry:
        run.resolved = resolve_gone(run, by=by, now=now)
        run.opened = open_differences(run)
        match_visits(connection=run.connection, since=run.since, until=run.until, by=by, now=now)
    run.unreadable_count = len(unreadable)
    _count(run)
    run.outcome, run.ended_at = ReconciliationOutcome.COMPLETED, timezone.now()
    run.save()
    _clear(run)


def _count(run: ReconciliationRun) -> None:
    counts, differences = count(run), count_differences()
    run.found = differences.by_kind
    run.there, run.sales_there = counts.there, counts.sales_there
    run.here = counts.there - differences.theirs_only + differences.ours_only
    run.sales_missing = differences.sales_missing
    run.matched = counts.there - differences.of_listed


def _fail(run: ReconciliationRun, error: DomainError, *, by: str, now: datetime) -> None:
    _end(run, ReconciliationOutcome.FAILED, error.message)
    if isinstance(error, CredentialsRefused):
        confirm_refusal(connection=run.connection, by=by, now=now)


def _end(run: ReconciliationRun, outcome: ReconciliationOutcome, error: str) -> None:
    run.outcome, run.error, run.ended_at = outcome, error, timezone.now()
    ReconciliationRun.objects.filter(pk=run.pk).update(
        outcome=outcome, error=error, ended_at=run.ended_at
    )
    _clear(run)


def _clear(run: ReconciliationRun) -> None:
    ListedMovement.objects.filter(run=run).delete()


def _forget(run: ReconciliationRun) -> None:
    ReconciliationRun.objects.filter(pk=run.pk).delete()
