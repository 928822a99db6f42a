"""Collections of 2,000 barbers from 200,000 accruals, beside one statement written by hand.

Ours also looks up everybody's terms and schedule, nets by the sale's day and writes the mails.
"""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Sum

from bookedbarber.accounts.models import Barber, User
from bookedbarber.notifications.models import OutgoingMail
from collections_app.models import CollectionLine, PlatformCollection
from collections_app.operations.building import build_collections
from payments.models import HybridPaymentConfig
from processors.models import Connection
from tests import factories
from tests.benchmarks.floors import building as floors
from tests.benchmarks.reports import Row
from tests.benchmarks.rounds import take_turns

BARBERS = int(os.environ.get("BENCH_BUILD_BARBERS", "2000"))
SALES_EACH = 100
MONDAY = datetime(2026, 6, 8, tzinfo=UTC)
NOW = MONDAY + timedelta(days=4)

_SALES = """
INSERT INTO payments_externaltransaction (owner_id, connection_id, kind, external_id, group_id,
  our_reference, parent_external_id, barber_id, purpose, state, amount_minor, tip_minor, fee_minor,
  currency, base_minor, commission_rate, method, digest, version, occurred_at, local_day,
  recorded_at)
SELECT b.id, %(connection)s, 'charge', 'owed_' || b.id || '_' || n, '', '', '', b.id, 'sale',
  'completed', 5000 + n, 0, 88, 'USD', 5000 + n, 20, 'card', '', 1,
  %(monday)s::timestamptz - n * interval '1 hour', '2026-06-01', now()
FROM unnest(%(barbers)s::bigint[]) b(id) CROSS JOIN generate_series(1, %(each)s) n
"""

_ACCRUALS = """
INSERT INTO payments_accrual (environment, barber_id, kind, sale_id, revision, base_minor, rate,
  commission_minor, kept_minor, amount_minor, currency, occurred_at, created_at)
SELECT 'sandbox', barber_id, 'commission', id, 1, base_minor, 20, amount_minor / 5, 0,
  amount_minor / 5, 'USD', occurred_at, now()
FROM payments_externaltransaction WHERE external_id LIKE 'owed_%%' ORDER BY id
"""


class BuiltDiffers(RuntimeError):
    """Ours and the floor do not collect the same."""


def measure(*, rounds: int) -> list[Row]:
    _fill()
    ours, floor = take_turns(
        lambda: _time(lambda: build_collections(now=NOW, by="job:bench")),
        lambda: _time(_build_floor),
        rounds=rounds,
    )
    return [
        Row(
            name=f"building: {BARBERS:,} barbers beside a statement",
            unit="lines/s",
            ours=ours,
            floor=floor,
            aim=0.5,
        )
    ]


def _build_floor() -> None:
    start = (MONDAY - timedelta(days=7)).date()
    floors.build(start=start, end=MONDAY.date(), until=MONDAY)


def _fill() -> None:
    account = factories.create_connection(factories.create_barber())
    users = User.objects.bulk_create(
        User(email=f"owing{number}@example.test", role="barber") for number in range(BARBERS)
    )
    barbers = Barber.objects.bulk_create(Barber(user=user, name=user.email) for user in users)
    HybridPaymentConfig.objects.bulk_create(
        HybridPaymentConfig(
            barber=barber,
            effective_at=factories.LONG_AGO,
            mode="decentralized",
            commission_rate=20,
            currency="USD",
            set_by="bench",
        )
        for barber in barbers
    )
    _sell(account, [barber.pk for barber in barbers])


def _sell(account: Connection, barbers: list[int]) -> None:
    values: dict[str, Any] = {
        "connection": account.pk,
        "barbers": barbers,
        "each": SALES_EACH,
        "monday": MONDAY,
    }
    with connection.cursor() as cursor:
        # What another benchmark has left would be collected, too.
        cursor.execute("TRUNCATE payments_externaltransaction CASCADE")
        cursor.execute(_SALES, values)
        cursor.execute(_ACCRUALS)
        cursor.execute("ANALYZE")


def _time(act: Callable[[], object]) -> float:
    """Lines per second, from a state in which nothing is collected.

    :raises BuiltDiffers: not everything was.
    """
    start = time.perf_counter()
    act()
    elapsed = time.perf_counter() - start
    lines = _forget()
    if lines != BARBERS * SALES_EACH:
        raise BuiltDiffers(f"{lines} lines")
    return lines / elapsed


def _forget() -> int:
    """How many lines there were, if the collections are their sum."""
    sums = CollectionLine.objects.aggregate(sum=Sum("amount_minor"))
    if sums != PlatformCollection.objects.aggregate(sum=Sum("amount_minor")):
        raise BuiltDiffers("collections are not the sum of their lines")
    lines = CollectionLine.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE collections_app_platformcollection CASCADE")
    OutgoingMail.objects.all().delete()
    return lines
