"""A million movements beside a million that a processor listed: what becomes of the lists.

Joining, naming, looking for visits paid twice, counting; a few differences, and no processor.
Both may use as much memory of the database for a sort or join. The memory that is checked is this
process's own growth: the rows stay in the database.
"""

import os
import resource
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection as database
from django.db import transaction

from payments.models import ReconciliationRun
from payments.queries.comparisons import compare, count, count_differences, list_found
from payments.queries.same_visits import add_lone_parts, add_same_visits
from processors.models import Connection
from tests import factories
from tests.benchmarks.floors import reconcile as floors
from tests.benchmarks.reports import Row
from tests.benchmarks.rounds import take_turns

ROWS = int(os.environ.get("BENCH_RECONCILE_ROWS", "1000000"))
SOLD_AT = datetime(2024, 6, 1, tzinfo=UTC)
# Of so many rows one is missing on either side, or has another amount.
ONE_IN = 10_000
MOST_MEGABYTES = 64

_OURS = """
INSERT INTO payments_externaltransaction (owner_id, connection_id, kind, external_id, group_id,
  our_reference, parent_external_id, barber_id, purpose, state, amount_minor, tip_minor, fee_minor,
  currency, base_minor, commission_rate, method, digest, version, occurred_at, local_day,
  recorded_at)
SELECT %(barber)s, %(connection)s, 'charge', 'sale_' || n, 'sale_' || n, '', '', %(barber)s, 'sale',
  'completed', 2000 + n %% 5000, 0, 88, 'USD', 2000, 0, 'card', md5(n::text), 1,
  %(sold_at)s::timestamptz + n * interval '1 second', '2024-06-01', now()
FROM generate_series(1, %(rows)s) n WHERE n %% %(one_in)s <> 1
"""

_THEIRS = """
INSERT INTO payments_listedmovement (run_id, kind, external_id, group_id, our_reference,
  parent_external_id, state, amount_minor, tip_minor, fee_minor, currency, method, version,
  occurred_at, is_mentioned)
SELECT %(run)s, 'charge', 'sale_' || n, 'sale_' || n, '', '', 'completed',
  2000 + n %% 5000 + CASE WHEN n %% %(one_in)s = 3 THEN 10 ELSE 0 END, 0, 88, 'USD', 'card', 1,
  %(sold_at)s::timestamptz + n * interval '1 second', false
FROM generate_series(1, %(rows)s) n WHERE n %% %(one_in)s <> 2
"""


class CountsDiffer(RuntimeError):
    """Ours and the floor do not find the same."""


class MemoryGrew(RuntimeError):
    """The process held more than it may."""


def measure(*, rounds: int) -> list[Row]:
    account = factories.create_connection(factories.create_barber())
    run = _fill(account)
    _check(account, run)
    before = _get_megabytes()
    ours, floor = take_turns(
        lambda: _time(lambda: _compare(run)),
        lambda: _time(lambda: floors.join(connection_id=account.pk, run_id=run.pk)),
        rounds=rounds,
    )
    if (grown := _get_megabytes() - before) > MOST_MEGABYTES:
        raise MemoryGrew(f"{grown} MB")
    return [
        Row(
            name=f"reconcile {ROWS:,} beside a full join",
            unit="s",
            ours=ours,
            floor=floor,
            aim=3.0,
            at_most=True,
        )
    ]


def _fill(account: Connection) -> ReconciliationRun:
    run = ReconciliationRun.objects.create(
        connection=account,
        requested_by="bench",
        since=SOLD_AT,
        until=SOLD_AT + timedelta(seconds=ROWS + 1),
        started_at=SOLD_AT,
    )
    values: dict[str, Any] = {
        "barber": account.owner_id,
        "connection": account.pk,
        "run": run.pk,
        "rows": ROWS,
        "one_in": ONE_IN,
        "sold_at": SOLD_AT,
    }
    with database.cursor() as cursor:
        # What another benchmark has left would be read by both.
        cursor.execute("TRUNCATE payments_externaltransaction CASCADE")
        cursor.execute(_OURS, values)
        cursor.execute(_THEIRS, values)
        cursor.execute("ANALYZE payments_externaltransaction")
        cursor.execute("ANALYZE payments_listedmovement")
    return run


@transaction.atomic
def _compare(run: ReconciliationRun) -> dict[str, int]:
    compare(run, unreadable=[])
    add_same_visits(run)
    add_lone_parts(run)
    for _ in list_found(run):
        pass
    count(run)
    return count_differences().by_kind


def _check(account: Connection, run: ReconciliationRun) -> None:
    """
    :raises CountsDiffer: naming both.
    """
    found = _compare(run)
    ours = tuple(found.get(kind, 0) for kind in ("missing_there", "missing_here", "amount_differs"))
    floor = floors.join(connection_id=account.pk, run_id=run.pk)
    if ours != floor:
        raise CountsDiffer(f"{ours} and {floor}")


def _time(act: Any) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _get_megabytes() -> int:
    """The most that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
