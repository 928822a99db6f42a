"""Building collections: what is outstanding when a barber's period is over becomes one."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from bookedbarber.foundation.database import retry_transaction
from bookedbarber.foundation.ids import new_public_id

from ..queries.outstanding import OUTSTANDING
from ..queries.terms import CollectionTerms, lock_terms
from ..rules.periods import Period, Schedule, find_closed_period, get_first_moment
from .notices import announce_collections
from .rent import accrue_rent

# Barbers in one transaction.
BATCH = 5000

# What a collection of the same period left over waits for the next one, even if that collection
# was canceled.
_BUILD = f"""
WITH wanted AS (
  SELECT * FROM jsonb_to_recordset(%(wanted)s) AS w(barber_id bigint, period_start date,
    period_end date, ends_at timestamptz, minimum_minor bigint, net_rent boolean)
), {OUTSTANDING}, candidate AS MATERIALIZED (
  SELECT o.id, o.barber_id, o.currency, o.amount_minor,
    CASE WHEN w.net_rent THEN 'mixed' WHEN o.is_rent THEN 'rent' ELSE 'commission' END AS kind
  FROM wanted w JOIN outstanding o ON o.barber_id = w.barber_id
    AND o.made_at < w.ends_at
), due AS (
  SELECT w.barber_id, w.period_start, w.period_end, c.currency, c.kind,
    sum(c.amount_minor)::bigint AS amount_minor, count(*) AS line_count,
    row_number() OVER (ORDER BY w.barber_id, c.currency, c.kind) AS place
  FROM candidate c JOIN wanted w ON w.barber_id = c.barber_id
  WHERE NOT EXISTS (
    SELECT FROM collections_app_platformcollection p
    WHERE p.environment = %(environment)s AND p.barber_id = w.barber_id
      AND p.currency = c.currency AND p.kind = c.kind AND p.period_end >= w.period_end)
  GROUP BY w.barber_id, w.period_start, w.period_end, w.minimum_minor, c.currency, c.kind
  HAVING sum(c.amount_minor) >= greatest(w.minimum_minor, 1)
), built AS (
  INSERT INTO collections_app_platformcollection (public_id, environment, barber_id, kind,
    period_start, period_end, amount_minor, currency, line_count, state, contest_until, due_at,
    noticed_at, attempt_count, failure_code, failure_message, built_by, created_at)
  SELECT n.public_id, %(environment)s, d.barber_id, d.kind, d.period_start, d.period_end,
    d.amount_minor, d.currency, d.line_count, 'pending', %(due_at)s, %(due_at)s,
    %(now)s, 0, '', '', %(by)s, %(now)s
  FROM due d JOIN unnest(%(public_ids)s::text[]) WITH ORDINALITY AS n(public_id, place)
    ON n.place = d.place
  ORDER BY d.barber_id, d.currency, d.kind
  RETURNING id, barber_id, currency, kind, amount_minor, line_count
), lined AS (
  INSERT INTO collections_app_collectionline (collection_id, accrual_id, amount_minor, state)
  SELECT b.id, c.id, c.amount_minor, 'live'
  FROM built b JOIN candidate c ON c.barber_id = b.barber_id AND c.currency = b.currency
    AND c.kind = b.kind
  ORDER BY c.id
)
SELECT id, currency, amount_minor, line_count FROM built ORDER BY id
"""  # noqa: S608  the parts are constants


@dataclass(slots=True)
class Built:
    """What a pass over all barbers made; amounts are minor units by currency."""

    collection_ids: list[int] = field(default_factory=list)
    lines: int = 0
    amounts_minor: Counter[str] = field(default_factory=Counter)

    @property
    def figures(self) -> dict[str, Any]:
        """As JSON, for the job's record."""
        return {
            "collections": len(self.collection_ids),
            "lines": self.lines,
            "amounts_minor": dict(self.amounts_minor),
        }


def build_collections(*, now: datetime, by: str, environment: str | None = None) -> Built:
    """Collect what every barber owes of the days up to his last closed period.

    Outstanding is each accrual in no live line, however late it came. Rent is collected apart
    unless the barber's terms net it. Below the minimum, and while credits exceed the rest, all
    waits. The barber is told by a mail of the same transaction.

    Repeatable, also by several builders at once: a barber whom one holds is left to that one. The
    number of statements does not depend on that of the barbers, up to 5,000.
    """
    built, after = Built(), 0
    while True:
        last = _build_batch(built, after, environment or settings.ENVIRONMENT, by=by, now=now)
        if last is None:
            return built
        after = last


def preview_collections(*, now: datetime, by: str) -> Built:
    """What `build_collections` would make now, rent that is due included; all is rolled back."""
    with transaction.atomic():
        accrue_rent(now=now, by=by)
        built = build_collections(now=now, by=by)
        transaction.set_rollback(True)
    return built


def _build_batch(
    built: Built, after: int, environment: str, *, by: str, now: datetime
) -> int | None:
    """Returns the last barber if there may be more."""
    rows, last = _build_for(after, environment, by=by, now=now)
    for collection_id, currency, amount_minor, line_count in rows:
        built.collection_ids.append(collection_id)
        built.lines += line_count
        built.amounts_minor[currency] += amount_minor
    return last


@retry_transaction
def _build_for(
    after: int, environment: str, *, by: str, now: datetime
) -> tuple[list[tuple[int, str, int, int]], int | None]:
    terms = lock_terms(after=after, most=BATCH, now=now)
    if not terms:
        return [], None
    values = {
        "wanted": json.dumps(_list_wanted(terms, now)),
        "environment": environment,
        "due_at": now + timedelta(days=settings.COLLECTION_NOTICE_DAYS),
        "by": by,
        "now": now,
    }
    rows = _insert(values, most=2 * len(terms) + 1)
    announce_collections(collection_ids=[row[0] for row in rows], now=now)
    return rows, terms[-1].barber_id if len(terms) == BATCH else None


def _insert(values: dict[str, Any], *, most: int) -> list[tuple[int, str, int, int]]:
    """Seldom more than two for each barber: then there is a further round."""
    rows: list[tuple[int, str, int, int]] = []
    while True:
        public_ids = [new_public_id("col") for _ in range(most)]
        with connection.cursor() as cursor:
            cursor.execute(_BUILD, values | {"public_ids": public_ids})
            made = cursor.fetchall()
        rows += made
        if len(made) < most:
            return rows


def _list_wanted(terms: Sequence[CollectionTerms], now: datetime) -> list[dict[str, Any]]:
    # Many barbers, few schedules.
    find = cache(lambda schedule: _describe(schedule, find_closed_period(schedule, now=now)))
    return [
        {
            "barber_id": each.barber_id,
            "minimum_minor": each.minimum_minor,
            "net_rent": each.net_rent,
            **find(each.schedule),
        }
        for each in terms
    ]


def _describe(schedule: Schedule, period: Period) -> dict[str, str]:
    return {
        "period_start": period.start.isoformat(),
        "period_end": period.end.isoformat(),
        "ends_at": get_first_moment(period.end, schedule.zone).isoformat(),
    }
