"""A batch and the place after it, written in one transaction."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from bookedbarber.foundation.database import retry_transaction
from processors.models import Connection

from ...models import ExternalTransaction, SyncCursor, SyncRun
from ..movements import MAX_BATCH, MovementFact, record_movements
from .batches import Batch
from .locks import SyncUnderWay

MOST_UNREADABLE_NAMED = 20
COUNTED = [
    "pages",
    "seen",
    "new",
    "changed",
    "unchanged",
    "unreadable",
    "unreadable_count",
    "not_used",
]


@dataclass(frozen=True, slots=True)
class Reading:
    """Whose list is read, in which run, and who reads it."""

    connection: Connection
    cursor: SyncCursor
    run: SyncRun
    by: str
    now: datetime


@retry_transaction
def store_batch(reading: Reading, batch: Batch) -> SyncCursor:
    """Record the batch's movements, with commission and postings, and move the cursor behind them.

    A movement that says what is stored writes nothing. Returns the cursor as it now stands.

    :raises SyncUnderWay: somebody else has moved the cursor since we read it.
    """
    cursor = SyncCursor.objects.select_for_update().get(pk=reading.cursor.pk)
    if (cursor.started_at, cursor.position) != (reading.cursor.started_at, reading.cursor.position):
        raise SyncUnderWay(connection=reading.connection.public_id)
    newest_before = ExternalTransaction.objects.aggregate(newest=Max("pk"))["newest"] or 0
    written = _record(reading, batch)
    new = sum(row_id > newest_before for row_id in written)
    _count(reading.run, batch, new=new, changed=len(written) - new)
    cursor.advance(batch.position)
    cursor.save(update_fields=["position", "started_at", "read_until"])
    return cursor


def _record(reading: Reading, batch: Batch) -> list[int]:
    facts = [MovementFact(reading.connection, movement) for movement in batch.movements.values()]
    written: list[int] = []
    for start in range(0, len(facts), MAX_BATCH):
        chunk = facts[start : start + MAX_BATCH]
        written += record_movements(chunk, by=reading.by, now=reading.now)
    return written


def _count(run: SyncRun, batch: Batch, *, new: int, changed: int) -> None:
    row = SyncRun.objects.select_for_update().get(pk=run.pk)
    named = [{"external_id": one.external_id, "field": one.field} for one in batch.unreadable]
    row.pages += batch.pages
    row.seen += batch.seen
    row.new += new
    row.changed += changed
    row.unchanged += len(batch.movements) - new - changed
    row.unreadable = [*row.unreadable, *named][:MOST_UNREADABLE_NAMED]
    row.unreadable_count += len(named)
    row.not_used = dict(Counter(row.not_used) + batch.not_used)
    row.save(update_fields=COUNTED)
