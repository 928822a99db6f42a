"""One run: every list of an account from where it was left, batch by batch."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from bookedbarber.foundation.errors import DomainError
from processors.contract import ListDescription
from processors.errors import CredentialsRefused, RequestRefused

from ...models import SyncCursor, SyncRun
from .access import AccountReader
from .batches import Batch, read_batch
from .cursors import open_cursor
from .storing import Reading, store_batch


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: its figures, and the share of the list's time that has been read."""

    run: SyncRun
    list_name: str
    share: float


OnProgress = Callable[[Progress], None]


def read_lists(
    run: SyncRun, account: AccountReader, *, deadline: float, on_progress: OnProgress, now: datetime
) -> bool:
    """Read all lists to their ends; False when the time is over before.

    A list that is refused (the account may not grant us all of them) does not stop the others.

    :raises DomainError: a page could not be read; what came before it is stored.
    """
    refused: list[DomainError] = []
    for description in account.lists:
        if description.is_slow and not run.is_thorough:
            continue
        reading = _open(run, account, description, now)
        try:
            if not _read_list(reading, account, deadline, on_progress):
                return False
        except (CredentialsRefused, RequestRefused) as error:
            refused.append(error)
    if refused:
        raise refused[0]
    return True


def _open(
    run: SyncRun, account: AccountReader, description: ListDescription, now: datetime
) -> Reading:
    return Reading(
        connection=account.connection,
        cursor=open_cursor(run, description, now=now),
        run=run,
        by=f"sync:{run.public_id}",
        now=now,
    )


def _read_list(
    reading: Reading, account: AccountReader, deadline: float, on_progress: OnProgress
) -> bool:
    cursor, measure = reading.cursor, _Measure(reading.cursor, reading.now)
    fetch = partial(account.read_page, cursor.list_name, since=cursor.since)
    while cursor.is_reading:
        if time.monotonic() >= deadline:
            return False
        batch = read_batch(lambda at: fetch(position=at), cursor.position, deadline=deadline)
        cursor = store_batch(replace(reading, cursor=cursor), batch)
        reading.run.refresh_from_db()
        on_progress(Progress(reading.run, cursor.list_name, measure.include(batch)))
        if batch.failure is not None:
            raise batch.failure
    return True


class _Measure:
    """The share of the time from `since` to now that lies between the moments seen so far."""

    def __init__(self, cursor: SyncCursor, now: datetime) -> None:
        self._whole = max((now - cursor.since).total_seconds(), 1.0)
        self._moments: list[datetime] = []

    def include(self, batch: Batch) -> float:
        if not batch.position:
            return 1.0
        moments = [movement.occurred_at for movement in batch.movements.values()]
        seen = [*self._moments, *moments]
        self._moments = [min(seen), max(seen)] if seen else []
        if not seen:
            return 0.0
        return min(1.0, (self._moments[1] - self._moments[0]).total_seconds() / self._whole)
