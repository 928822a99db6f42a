"""A batch and the place after it, written in one transaction."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from bookedbarber.foundation.database import retry_transaction
from processors.contract import Movement, MovementKind, MovementState
from processors.models import Connection

from ...models import ExternalTransaction, SyncCursor, SyncRun
from ..movements import MAX_BATCH, MovementFact, record_movements
from .batches import Batch
from .followers import hasten_found_legs, note_disputes, note_refunds
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
    """Record what the batch says, with commission and postings, and move the cursor behind it.

    A movement that says what is stored writes nothing. Returns the cursor as it now stands.

    :raises SyncUnderWay: somebody else has moved the cursor since we read it.
    """
    cursor = SyncCursor.objects.select_for_update().get(pk=reading.cursor.pk)
    if (cursor.started_at, cursor.position) != (reading.cursor.started_at, reading.cursor.position):
        raise SyncUnderWay(connection=reading.connection.public_id)
    newest_before = ExternalTransaction.objects.aggregate(newest=Max("pk"))["newest"] or 0
    movements = _leave_out_idle(reading.connection, list(batch.movements.values()))
    _note(reading, batch)
    written = _record(reading, movements)
    rows = ExternalTransaction.objects.filter(connection=reading.connection, pk__gt=newest_before)
    changed = sum(row_id <= newest_before for row_id in written)
    _count(reading.run, batch, listed=len(movements), new=rows.count(), changed=changed)
    cursor.advance(batch.position)
    cursor.save(update_fields=["position", "started_at", "read_until"])
    return cursor


def _leave_out_idle(connection: Connection, movements: list[Movement]) -> list[Movement]:
    """Without charges that moved nothing (declined, canceled, only held), unless they are known
    here: they are told when they do."""
    idle = {one.external_id for one in movements if _is_idle(one)}
    if not idle:
        return movements
    known = ExternalTransaction.objects.filter(
        connection=connection, kind=MovementKind.CHARGE.value, external_id__in=idle
    )
    names = set(known.values_list("external_id", flat=True))
    return [one for one in movements if not _is_idle(one) or one.external_id in names]


def _is_idle(movement: Movement) -> bool:
    is_charge = movement.kind == MovementKind.CHARGE
    return is_charge and movement.state != MovementState.COMPLETED


def _note(reading: Reading, batch: Batch) -> None:
    connection, by, now = reading.connection, reading.by, reading.now
    movements = batch.movements.values()
    hasten_found_legs(connection=connection, movements=movements, now=now)
    note_refunds(connection=connection, statements=batch.refunds, by=by, now=now)
    note_disputes(connection=connection, statements=batch.disputes, by=by, now=now)


def _record(reading: Reading, movements: list[Movement]) -> list[int]:
    facts = [MovementFact(reading.connection, movement) for movement in movements]
    written: list[int] = []
    for start in range(0, len(facts), MAX_BATCH):
        chunk = facts[start : start + MAX_BATCH]
        written += record_movements(chunk, by=reading.by, now=reading.now)
    return written


def _count(run: SyncRun, batch: Batch, *, listed: int, new: int, changed: int) -> None:
    row = SyncRun.objects.select_for_update().get(pk=run.pk)
    named = [{"external_id": one.external_id, "field": one.field} for one in batch.unreadable]
    row.pages += batch.pages
    row.seen += batch.seen
    row.new += new
    row.changed += changed
    row.unchanged += max(0, listed - new - changed)
    row.unreadable = [*row.unreadable, *named][:MOST_UNREADABLE_NAMED]
    row.unreadable_count += len(named)
    idle = Counter(no_money_moved=len(batch.movements) - listed)
    row.not_used = dict(Counter(row.not_used) + batch.not_used + idle)
    row.save(update_fields=COUNTED)
