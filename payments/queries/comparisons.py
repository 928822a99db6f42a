"""Our records beside what a processor lists: one full join, set-based, as `rules.differences`."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection as database

from ..models import ReconciliationRun
from ..rules.differences import Figures

# ruff: noqa: S608  the parts of these statements are constants

# Both sides are read so much further back, so that a moment that they state a little differently
# puts no object on one side of the period only.
LATE = timedelta(days=2)
_CHUNK = 500

# What was taken over by a correction stands in the place of the record, and the correcting
# movements, which are our own, are left out.
_OURS = """
SELECT t.id, t.kind, t.external_id, t.our_reference, t.occurred_at,
  CASE WHEN a.transaction_id IS NULL THEN t.state ELSE a.state END AS state,
  coalesce(a.amount_minor, t.amount_minor) AS amount_minor,
  coalesce(a.tip_minor, t.tip_minor) AS tip_minor,
  CASE WHEN a.transaction_id IS NULL THEN t.fee_minor ELSE a.fee_minor END AS fee_minor,
  coalesce(a.currency, t.currency) AS currency
FROM payments_externaltransaction t LEFT JOIN (
  SELECT DISTINCT ON (c.transaction_id) c.* FROM payments_correction c
  JOIN payments_discrepancy d ON d.id = c.discrepancy_id AND d.connection_id = %(connection)s
  ORDER BY c.transaction_id, c.id DESC
) a ON a.transaction_id = t.id
WHERE t.connection_id = %(connection)s AND t.occurred_at >= %(from)s
  AND t.id NOT IN (
    SELECT taken_back_id FROM payments_correction WHERE taken_back_id IS NOT NULL
    UNION ALL SELECT added_id FROM payments_correction WHERE added_id IS NOT NULL)
"""

_THEIRS = """
SELECT kind, external_id, our_reference, occurred_at, state, amount_minor, tip_minor, fee_minor,
  currency
FROM payments_listedmovement WHERE run_id = %(run)s AND NOT is_mentioned
"""

_KIND = """
CASE
  WHEN o.id IS NULL THEN CASE WHEN s.state = 'completed' THEN 'missing_here' END
  WHEN s.external_id IS NULL THEN CASE WHEN o.state = 'completed' THEN 'missing_there' END
  WHEN o.state <> 'completed' AND s.state <> 'completed' THEN NULL
  WHEN o.state <> s.state THEN 'status_differs'
  WHEN o.currency <> s.currency THEN 'currency_differs'
  WHEN abs(o.amount_minor - s.amount_minor) > %(tolerance)s
    OR abs(o.tip_minor - s.tip_minor) > %(tolerance)s THEN 'amount_differs'
  WHEN s.fee_minor IS NULL THEN NULL
  WHEN o.fee_minor IS NULL OR abs(o.fee_minor - s.fee_minor) > %(tolerance)s THEN 'fee_differs'
END
"""

# What is only mentioned is looked up for the few that are missing, outside of the join, which the
# database can then share among its processes.
_COMPARE = f"""
DROP TABLE IF EXISTS differences;
CREATE TEMPORARY TABLE differences ON COMMIT DROP AS
WITH compared AS MATERIALIZED (
  SELECT * FROM (
    SELECT {_KIND} AS kind, coalesce(o.kind, s.kind) AS movement_kind,
      coalesce(o.external_id, s.external_id) AS external_id,
      coalesce(o.occurred_at, s.occurred_at) AS occurred_at, o.id AS transaction_id,
      coalesce(nullif(s.our_reference, ''), o.our_reference, '') AS our_reference,
      o.state AS o_state, o.amount_minor AS o_amount, o.tip_minor AS o_tip, o.fee_minor AS o_fee,
      o.currency AS o_currency, s.state AS s_state, s.amount_minor AS s_amount,
      s.tip_minor AS s_tip, s.fee_minor AS s_fee, s.currency AS s_currency, NULL::bigint AS twin_id
    FROM ({_OURS}) o FULL JOIN ({_THEIRS}) s
      ON s.kind = o.kind AND s.external_id = o.external_id
  ) every
  WHERE kind IS NOT NULL AND occurred_at >= %(since)s AND occurred_at < %(until)s
)
SELECT * FROM compared
WHERE NOT (kind = 'missing_there' AND (external_id = ANY(%(unreadable)s) OR EXISTS (
  SELECT FROM payments_listedmovement m WHERE m.run_id = %(run)s AND m.is_mentioned
    AND m.kind = movement_kind AND m.external_id = compared.external_id
    AND (m.amount_minor, m.currency) = (o_amount, o_currency))))
"""

_MISSING_CHARGES = f"""
SELECT o.external_id FROM ({_OURS}) o LEFT JOIN ({_THEIRS}) s
  ON s.kind = o.kind AND s.external_id = o.external_id
WHERE o.kind = 'charge' AND o.state = 'completed' AND s.external_id IS NULL
  AND o.occurred_at >= %(since)s AND o.occurred_at < %(until)s
ORDER BY o.occurred_at LIMIT %(most)s
"""

_COUNT = f"""
SELECT count(*), count(*) FILTER (WHERE kind = 'charge')
FROM ({_THEIRS}) s WHERE state = 'completed' AND occurred_at >= %(since)s
  AND occurred_at < %(until)s
"""

# A twin that is here is the same on both sides; `s_state` is of what is listed.
_COUNT_DIFFERENCES = """
SELECT kind, count(*),
  count(*) FILTER (WHERE s_state = 'completed' AND kind <> 'entry_without_movement'),
  count(*) FILTER (WHERE s_state = 'completed' AND movement_kind = 'charge'
    AND transaction_id IS NULL AND kind <> 'entry_without_movement'),
  count(*) FILTER (WHERE o_state = 'completed' AND s_state IS DISTINCT FROM 'completed'
    AND kind NOT IN ('visit_paid_twice', 'leg_without_movement')),
  count(*) FILTER (WHERE s_state = 'completed' AND o_state IS DISTINCT FROM 'completed'
    AND kind <> 'entry_without_movement')
FROM differences GROUP BY kind ORDER BY kind
"""

_FIGURES = ("state", "amount", "tip", "fee", "currency")
_COLUMNS = ("kind", "movement_kind", "external_id", "occurred_at", "transaction_id", "twin_id")


@dataclass(frozen=True, slots=True)
class Found:
    """A difference as the comparison found it. `statement` is what is listed of the object."""

    kind: str
    movement_kind: str
    external_id: str
    occurred_at: datetime
    transaction_id: int | None
    twin_id: int | None
    leg_id: int | None
    leg_name: str
    ours: Figures | None
    theirs: Figures | None
    statement: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Counts:
    """The processor's completed movements in the period, of those the sales."""

    there: int
    sales_there: int


@dataclass(frozen=True, slots=True)
class DifferenceCounts:
    """By kind; those of completed listed movements; sales that are listed and not here; completed
    movements of one side that are not on the other."""

    by_kind: dict[str, int]
    of_listed: int
    sales_missing: int
    ours_only: int
    theirs_only: int


def get_values(run: ReconciliationRun, unreadable: list[str] | None = None) -> dict[str, Any]:
    """What the statements here are about."""
    return {
        "run": run.pk,
        "connection": run.connection_id,
        "since": run.since,
        "until": run.until,
        "from": run.since - LATE,
        "tolerance": settings.RECONCILIATION_TOLERANCE_MINOR,
        "unreadable": unreadable or [],
    }


def list_missing_charges(run: ReconciliationRun, *, most: int) -> list[str]:
    """Names of completed charges of ours that are not among what was put aside, oldest first."""
    with database.cursor() as cursor:
        cursor.execute(_MISSING_CHARGES, {**get_values(run), "most": most})
        return [name for (name,) in cursor.fetchall()]


def compare(run: ReconciliationRun, *, unreadable: list[str]) -> None:
    """Put the differences into the table `differences`, which ends with the transaction.

    From here on the transaction's sorts and joins may hold more before they go to disk.
    """
    with database.cursor() as cursor:
        cursor.execute("SELECT set_config('work_mem', %s, true)", [_get_memory()])
        cursor.execute(_COMPARE, get_values(run, unreadable))


def _get_memory() -> str:
    return f"{settings.RECONCILIATION_MEMORY_MB}MB"


def count(run: ReconciliationRun) -> Counts:
    """Count what the processor lists of the period; our side follows from the differences."""
    with database.cursor() as cursor:
        cursor.execute(_COUNT, get_values(run))
        return Counts(*cursor.fetchone())


def count_differences() -> DifferenceCounts:
    """Count the table `differences`."""
    with database.cursor() as cursor:
        cursor.execute(_COUNT_DIFFERENCES)
        rows = cursor.fetchall()
    return DifferenceCounts(
        by_kind={row[0]: row[1] for row in rows},
        of_listed=sum(row[2] for row in rows),
        sales_missing=sum(row[3] for row in rows),
        ours_only=sum(row[4] for row in rows),
        theirs_only=sum(row[5] for row in rows),
    )


_FOUND = f"""
SELECT {", ".join(f"f.{name}" for name in _COLUMNS)}, l.id, coalesce(l.public_id, ''),
  {", ".join(f"f.o_{name}" for name in _FIGURES)}, {", ".join(f"f.s_{name}" for name in _FIGURES)},
  CASE WHEN s.id IS NOT NULL THEN to_jsonb(s) - 'id' - 'run_id' - 'is_mentioned' END
FROM differences f
LEFT JOIN payments_listedmovement s ON s.run_id = %(run)s AND s.kind = f.movement_kind
  AND s.external_id = f.external_id AND NOT s.is_mentioned
LEFT JOIN payments_paymentleg l ON l.public_id = f.our_reference AND f.our_reference <> ''
  AND l.connection_id = %(connection)s
WHERE (f.movement_kind, f.external_id) > (%(last_kind)s, %(last_id)s)
ORDER BY f.movement_kind, f.external_id LIMIT {_CHUNK}
"""


def list_found(run: ReconciliationRun) -> Iterator[list[Found]]:
    """The differences, some hundred at a time, by kind and name."""
    last = ("", "")
    while True:
        values = {**get_values(run), "last_kind": last[0], "last_id": last[1]}
        with database.cursor() as cursor:
            cursor.execute(_FOUND, values)
            chunk = [_to_found(row) for row in cursor.fetchall()]
        if not chunk:
            return
        yield chunk
        last = (chunk[-1].movement_kind, chunk[-1].external_id)


def _to_found(row: tuple[Any, ...]) -> Found:
    ends = (len(_COLUMNS), len(_COLUMNS) + 2, len(_COLUMNS) + 2 + len(_FIGURES))
    ours, theirs = row[ends[1] : ends[2]], row[ends[2] : ends[2] + len(_FIGURES)]
    named = dict(zip((*_COLUMNS, "leg_id", "leg_name"), row, strict=False))
    return Found(
        **named,
        ours=None if ours[0] is None else Figures(*ours),
        theirs=None if theirs[0] is None else Figures(*theirs),
        statement=None if row[-1] is None else json.loads(row[-1]),
    )
