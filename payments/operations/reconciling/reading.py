"""What the processor lists, read afresh and put aside. No transaction is open at a call."""

import math
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import connection as database
from pydantic_core import to_json

from processors.contract import Mention, Movement, MovementReads, list_sides
from processors.errors import RequestRefused
from processors.registry import can, get_adapter

from ...models import ReconciliationRun
from ...queries.comparisons import LATE, list_missing_charges
from ..recording.rows import get_fee_minor
from ..syncing.access import AccountReader
from ..syncing.batches import read_batch

# The processor's words are kept only where they say something else than our record.
_STAGE = """
INSERT INTO payments_listedmovement (run_id, kind, external_id, group_id, our_reference,
  parent_external_id, state, amount_minor, tip_minor, fee_minor, currency, method, version,
  occurred_at, available_at, is_mentioned, raw)
SELECT %(run)s, s.kind, s.external_id, s.group_id, s.our_reference, s.parent_external_id, s.state,
  s.amount_minor, s.tip_minor, s.fee_minor, s.currency, s.method, s.version, s.occurred_at,
  s.available_at, s.is_mentioned,
  CASE WHEN t.id IS NULL OR (t.state, t.amount_minor, t.tip_minor, t.fee_minor, t.currency)
    IS DISTINCT FROM (s.state, s.amount_minor, s.tip_minor, s.fee_minor, s.currency)
  THEN s.raw END
FROM json_to_recordset(%(rows)s) AS s(kind text, external_id text, group_id text,
  our_reference text, parent_external_id text, state text, amount_minor bigint, tip_minor bigint,
  fee_minor bigint, currency text, method text, version bigint, occurred_at timestamptz,
  available_at timestamptz, is_mentioned bool, raw jsonb)
LEFT JOIN payments_externaltransaction t ON t.connection_id = %(connection)s AND t.kind = s.kind
  AND t.external_id = s.external_id
ORDER BY s.kind, s.external_id
ON CONFLICT (run_id, kind, external_id) DO UPDATE SET
  group_id = EXCLUDED.group_id, our_reference = EXCLUDED.our_reference, state = EXCLUDED.state,
  amount_minor = EXCLUDED.amount_minor, tip_minor = EXCLUDED.tip_minor,
  fee_minor = EXCLUDED.fee_minor, currency = EXCLUDED.currency, method = EXCLUDED.method,
  version = EXCLUDED.version, occurred_at = EXCLUDED.occurred_at,
  available_at = EXCLUDED.available_at, raw = EXCLUDED.raw, is_mentioned = EXCLUDED.is_mentioned
WHERE payments_listedmovement.is_mentioned
  OR NOT EXCLUDED.is_mentioned AND payments_listedmovement.version <= EXCLUDED.version
"""


def read_lists(run: ReconciliationRun, account: AccountReader) -> list[str]:
    """Put every list's movements aside for the comparison, batch by batch, in flat memory.

    Returns the names of listed objects that could not be read: they are there all the same.

    :raises DomainError: a page could not be read; nothing can be said of the account then.
    """
    unreadable: list[str] = []
    for description in account.lists:
        since = run.since - max(LATE, description.overlap + timedelta(hours=1))
        fetch = partial(account.read_page, description.name, since=since)
        position = ""
        while True:
            batch = read_batch(lambda at, of=fetch: of(position=at), position, deadline=math.inf)  # type: ignore[misc]
            stage(run, batch.movements.values())
            _write(run, {_to_key(one): _to_mentioned_row(one) for one in batch.mentions}.values())
            unreadable += [one.external_id for one in batch.unreadable]
            if batch.failure is not None:
                raise batch.failure
            position = batch.position
            if not position:
                break
    return unreadable


def ask_about_missing(run: ReconciliationRun, account: AccountReader, *, most: int) -> int:
    """Ask for charges of ours that no list has: one that failed after all may be in none.

    Returns how many were asked for. One that the processor does not know stays missing.
    """
    connection = account.connection
    if not can(connection.processor, MovementReads):
        return 0
    names = list_missing_charges(run, most=most)
    reads = get_adapter(connection.get_access(), MovementReads) if names else None
    for name in names:
        try:
            assert reads is not None
            movement = reads.retrieve_movement(name)
        except RequestRefused:
            continue
        stage(run, [movement])
    return len(names)


def stage(run: ReconciliationRun, movements: Iterable[Movement]) -> None:
    """Put movements aside; of two words about one object the newer stays."""
    _write(run, [_to_row(side) for movement in movements for side in list_sides(movement)])


def _write(run: ReconciliationRun, said: Iterable[dict[str, Any]]) -> None:
    rows = list(said)
    if not rows:
        return
    values: dict[str, Any] = {
        "run": run.pk,
        "connection": run.connection_id,
        "rows": to_json(rows).decode(),
    }
    with database.cursor() as cursor:
        cursor.execute(_STAGE, values)


def _to_key(mention: Mention) -> tuple[str, str]:
    return mention.kind.value, mention.external_id


def _to_mentioned_row(mention: Mention) -> dict[str, Any]:
    """Nothing but its name, amount and moment is known."""
    return {
        "kind": str(mention.kind),
        "external_id": mention.external_id,
        "group_id": "",
        "our_reference": "",
        "parent_external_id": "",
        "state": "completed",
        "amount_minor": mention.amount.amount_minor,
        "tip_minor": 0,
        "fee_minor": None,
        "currency": mention.amount.currency,
        "method": "other",
        "version": 0,
        "occurred_at": mention.occurred_at.isoformat(),
        "available_at": None,
        "is_mentioned": True,
        "raw": None,
    }


def _to_row(movement: Movement) -> dict[str, Any]:
    return {
        "kind": str(movement.kind),
        "external_id": movement.external_id,
        "group_id": movement.group_id,
        "our_reference": movement.our_reference,
        "parent_external_id": movement.parent_external_id,
        "state": str(movement.state),
        "amount_minor": movement.amount.amount_minor,
        "tip_minor": movement.tip.amount_minor,
        "fee_minor": get_fee_minor(movement),
        "currency": movement.amount.currency,
        "method": str(movement.method),
        "version": movement.version,
        "occurred_at": movement.occurred_at.isoformat(),
        "available_at": movement.available_at and movement.available_at.isoformat(),
        "is_mentioned": False,
        "raw": dict(movement.raw),
    }
