"""Synchronizing an account: its processor's lists are read, and every movement in them recorded.

Stopped anywhere, the next run goes on behind the last batch that was stored.
"""

import math
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from bookedbarber.foundation.errors import Conflict, DomainError
from bookedbarber.foundation.jobs import enqueue_on_commit
from processors.errors import CredentialsRefused
from processors.models import Connection
from processors.registry import AbilityNotSupported
from processors.states import ConnectionState

from ..models import SyncRun
from ..queries.account_totals import get_account_totals
from ..states import SyncOutcome
from .connections import confirm_refusal
from .syncing.access import AccountReader
from .syncing.locks import SyncUnderWay, only_sync_of
from .syncing.requests import begin_run, merge_request
from .syncing.running import OnProgress, read_lists

READABLE_STATES = [ConnectionState.CONNECTED, ConnectionState.ERROR]


class NotReadable(Conflict):
    """The connection cannot be synchronized."""


def request_sync(
    *,
    connection: Connection,
    by: str,
    now: datetime,
    since: datetime | None = None,
    force: bool = False,
) -> SyncRun:
    """Ask for a sync of an account, which a worker carries out soon. Repeatable.

    `since` asks for older history, `force` for everything again. A request that waits already
    takes this one in.

    :raises NotReadable: the connection is neither connected nor in error.
    """
    _check_readable(connection)
    with transaction.atomic():
        run = merge_request(connection=connection, by=by, now=now, since=since, force=force)
        enqueue_on_commit("payments.sync_connection", connection_id=connection.pk)
    return run


def sync_connection(
    *,
    connection: Connection,
    by: str,
    now: datetime,
    since: datetime | None = None,
    force: bool = False,
    thorough: bool = True,
    seconds: float = math.inf,
    on_progress: OnProgress = lambda _: None,
) -> SyncRun:
    """Read an account's lists from where they were left and record what they say.

    The first sync starts at the moment of connection, older history comes by `since` only and
    bears no commission; `force` reads everything again; without `thorough` slow lists wait. After
    `seconds` it pauses, and the next run goes on. The run says how it ended: a processor that did
    not answer, or credentials that it refused (the connection is `expired` then), too.

    :raises NotReadable: the connection is neither connected nor in error.
    :raises SyncUnderWay: another sync of the account is at work.
    :raises AbilityNotSupported: the processor has no lists.
    """
    _check_readable(connection)
    with only_sync_of(connection):
        run = begin_run(
            connection=connection, by=by, now=now, since=since, force=force, thorough=thorough
        )
        deadline = time.monotonic() + seconds
        try:
            account = AccountReader(connection, by=by, now=now)
            is_done = read_lists(run, account, deadline=deadline, on_progress=on_progress, now=now)
        except DomainError as error:
            _fail(run, error, now)
        except BaseException as error:
            _end(run, SyncOutcome.INTERRUPTED, type(error).__name__)
            raise
        else:
            _end(run, SyncOutcome.COMPLETED if is_done else SyncOutcome.PAUSED, "")
            _note_success(run, now)
    return run


def work_off_sync(*, connection: Connection, by: str, now: datetime, thorough: bool = True) -> str:
    """A worker's turn at an account: a sync of limited time, and a further turn if it needs one.

    Returns how it ended, also where there was nothing to do: the timetable, a person and a lost
    message found again may all have asked for it.
    """
    try:
        run = sync_connection(
            connection=connection,
            by=by,
            now=now,
            thorough=thorough,
            seconds=settings.SYNC_JOB_SECONDS,
        )
    except (NotReadable, SyncUnderWay, AbilityNotSupported) as error:
        return error.message
    if run.outcome == SyncOutcome.PAUSED:
        enqueue_on_commit("payments.sync_connection", connection_id=connection.pk, thorough=False)
    return str(run.outcome)


def wake_due_syncs(*, now: datetime, live_only: bool) -> int:
    """Queue a sync of each account that is due: of all, or of those with recent movements, and of
    those whose last sync did not come to its end. Returns how many."""
    due = Connection.objects.in_environment(settings.ENVIRONMENT).filter(state__in=READABLE_STATES)
    if live_only:
        recently = now - timedelta(days=settings.SYNC_LIVE_DAYS)
        due = due.filter(
            Q(last_transaction_at__gte=recently)
            | Q(connected_at__gte=recently)
            | Q(sync_cursors__started_at__isnull=False)
        ).distinct()
    keys = list(
        due.order_by(F("last_synced_at").asc(nulls_first=True), "pk").values_list("pk", flat=True)
    )
    with transaction.atomic():
        for key in keys:
            enqueue_on_commit("payments.sync_connection", connection_id=key, thorough=not live_only)
    return len(keys)


def wake_requested_syncs(*, now: datetime) -> int:
    """Queue what was asked for and not begun: its message may be lost. Returns how many."""
    waiting = SyncRun.objects.requested().filter(
        requested_at__lt=now - timedelta(seconds=settings.SYNC_REQUEST_SECONDS),
        connection__state__in=READABLE_STATES,
    )
    keys = list(waiting.values_list("connection_id", flat=True))
    with transaction.atomic():
        for key in keys:
            enqueue_on_commit("payments.sync_connection", connection_id=key)
    return len(keys)


def forget_old_syncs(*, before: datetime) -> int:
    """Delete runs that ended before a moment, but the last of each account. Returns how many."""
    newest = SyncRun.objects.order_by("connection_id", "-pk").distinct("connection_id")
    old = SyncRun.objects.filter(ended_at__lt=before).exclude(pk__in=newest.values("pk"))
    return old.delete()[0]


def _check_readable(connection: Connection) -> None:
    if connection.state not in READABLE_STATES:
        raise NotReadable(
            f"A connection that is {connection.state} cannot be synchronized",
            state=connection.state,
            reason=connection.last_error,
        )


def _fail(run: SyncRun, error: DomainError, now: datetime) -> None:
    _end(run, SyncOutcome.FAILED, error.message)
    if isinstance(error, CredentialsRefused):
        # Confirmed by a call of its own, which gives the connection its state and reason.
        confirm_refusal(connection=run.connection, by=f"sync:{run.public_id}", now=now)
    elif not isinstance(error, SyncUnderWay):
        Connection.objects.filter(pk=run.connection_id).update(
            last_error=error.message, error_count=F("error_count") + 1
        )


def _end(run: SyncRun, outcome: SyncOutcome, error: str) -> None:
    SyncRun.objects.filter(pk=run.pk).update(ended_at=timezone.now(), outcome=outcome, error=error)
    run.refresh_from_db()


def _note_success(run: SyncRun, now: datetime) -> None:
    totals = get_account_totals(run.connection)
    changes = {
        "last_transaction_at": totals.last_at,
        "transaction_count": totals.count,
        "charged_minor": totals.charged_minor,
        "last_error": "",
        "error_count": 0,
    }
    if run.outcome == SyncOutcome.COMPLETED:
        changes["last_synced_at"] = now
    Connection.objects.filter(pk=run.connection_id).update(**changes)
