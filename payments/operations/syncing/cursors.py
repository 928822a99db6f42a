"""Where the reading of a list begins, or goes on."""

from datetime import datetime, timedelta

from django.conf import settings

from processors.contract import ListDescription

from ...models import SyncCursor, SyncRun


def open_cursor(run: SyncRun, description: ListDescription, *, now: datetime) -> SyncCursor:
    """The list's cursor: with the reading that was left, a new one, or, where this run goes on for
    one that has finished this list, none.

    A reading never begins after what has been read, so that nothing falls between two. The first
    one begins at the moment of connection.
    """
    cursor, _ = SyncCursor.objects.get_or_create(
        connection=run.connection,
        list_name=description.name,
        defaults={"since": run.connection.first_connected_at},
    )
    asked, is_for_run = _get_asked_since(run), _is_for(run, cursor)
    since = cursor.since if cursor.is_reading else _get_next_since(cursor, description)
    if is_for_run:
        return cursor
    if asked is not None:
        cursor.begin(since=min(asked, since), now=now)
    elif not cursor.is_reading:
        cursor.begin(since=since, now=now)
    cursor.save(update_fields=["since", "started_at", "position"])
    return cursor


def _get_next_since(cursor: SyncCursor, description: ListDescription) -> datetime:
    overlap = max(description.overlap, timedelta(seconds=settings.SYNC_OVERLAP_SECONDS))
    return cursor.get_next_since(overlap=overlap)


def _get_asked_since(run: SyncRun) -> datetime | None:
    if run.since is None and run.is_forced:
        return run.connection.first_connected_at
    return run.since


def _is_for(run: SyncRun, cursor: SyncCursor) -> bool:
    """Whether the run that this one goes on for has begun, or done, this list."""
    begun_at = cursor.started_at or cursor.read_until
    return run.continues_id is not None and begun_at is not None and begun_at >= run.requested_at
