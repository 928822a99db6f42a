"""Listed movements in batches of 1,000, written onto a million rows that are there already.

The upsert alone, terms and digests included.
"""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.db import connection as database
from django.db import transaction

from bookedbarber.foundation.money import Money
from payments.models import ExternalTransaction
from payments.operations.movements import MovementFact
from payments.operations.recording.links import link
from payments.operations.recording.rows import to_row, upsert
from processors.contract import Movement, MovementKind, MovementState, PaymentMethodKind
from processors.models import Connection
from tests import factories
from tests.benchmarks.floors import sync as floors
from tests.benchmarks.reports import Row
from tests.benchmarks.rounds import take_turns

ROWS = int(os.environ.get("BENCH_SYNC_ROWS", "1000000"))
BATCH, BATCHES_PER_TURN = 1000, 3
# A list that is read again brings what changed meanwhile, too.
CHANGED_PER_BATCH = 200
SOLD_AT = datetime(2024, 6, 1, tzinfo=UTC)
USD = Money(20_00, "USD")

_numbers = count(1)

_FILL = """
INSERT INTO payments_externaltransaction (owner_id, connection_id, kind, external_id, group_id,
  our_reference, parent_external_id, barber_id, purpose, state, amount_minor, tip_minor, fee_minor,
  currency, base_minor, commission_rate, method, digest, version, occurred_at, local_day,
  recorded_at)
SELECT %(barber)s, %(connection)s, 'charge', 'old_' || n, 'old_' || n, '', '', %(barber)s, 'sale',
  'completed', 2000, 0, 88, 'USD', 2000, 0, 'card', md5(n::text), 1,
  %(sold_at)s::timestamptz + n * interval '1 second', '2024-06-01', now()
FROM generate_series(1, %(rows)s) n
"""


class RowsDiffer(RuntimeError):
    """Ours and a floor do not write the same."""


def measure(*, rounds: int) -> list[Row]:
    account = factories.create_connection(factories.create_barber())
    _fill(account)
    floors.prepare()
    _compare(account)
    return [
        _measure(account, "sync beside COPY", floors.copy_and_merge, 0.6, rounds),
        _measure(account, "sync beside bulk_create", floors.create_in_bulk, 1.5, rounds),
    ]


def _measure(
    account: Connection, name: str, write: Callable[[Any], None], aim: float, rounds: int
) -> Row:
    ours, floor = take_turns(
        lambda: _get_rate(lambda: _record(_make_batch(account))),
        lambda: _get_rate(lambda: _write(account, _make_batch(account), write)),
        rounds=rounds,
    )
    return Row(name=name, unit="rows/s", ours=ours, floor=floor, aim=aim)


def _fill(account: Connection) -> None:
    values: dict[str, Any] = {
        "barber": account.owner_id,
        "connection": account.pk,
        "rows": ROWS,
        "sold_at": SOLD_AT - timedelta(days=60),
    }
    with database.cursor() as cursor:
        cursor.execute(_FILL, values)
        cursor.execute("ANALYZE payments_externaltransaction")


def _make_batch(account: Connection) -> list[MovementFact]:
    """New sales, and some of before whose fee is known now."""
    fresh = [_build(f"new_{next(_numbers)}") for _ in range(BATCH - CHANGED_PER_BATCH)]
    old = [_build(f"old_{next(_numbers) % ROWS}", version=2) for _ in range(CHANGED_PER_BATCH)]
    return [MovementFact(account, movement) for movement in [*fresh, *old]]


def _build(name: str, version: int = 1) -> Movement:
    return Movement(
        kind=MovementKind.CHARGE,
        external_id=name,
        group_id=name,
        our_reference="",
        state=MovementState.COMPLETED,
        amount=USD,
        tip=Money.zero("USD"),
        fee=Money(62, "USD"),
        method=PaymentMethodKind.CARD,
        version=version,
        occurred_at=SOLD_AT,
        available_at=None,
        raw={"id": name, "status": "COMPLETED", "note": "x" * 300},
    )


def _record(facts: list[MovementFact]) -> None:
    """`record_movements` without what follows: commission and postings have floors of their own."""
    with transaction.atomic():
        links = link(facts, {}, {})
        rows = [to_row(fact, of) for fact, of in zip(facts, links, strict=True)]
        upsert(rows, now=datetime.now(UTC))


def _write(account: Connection, facts: list[MovementFact], write: Callable[[Any], None]) -> None:
    """The floor makes its rows as simply as it can: every sale bears the same terms."""
    now = datetime.now(UTC).isoformat()
    write([_to_floor_row(account, fact.movement, now) for fact in facts])


def _to_floor_row(account: Connection, movement: Movement, now: str) -> dict[str, Any]:
    return {
        "owner_id": account.owner_id,
        "connection_id": account.pk,
        "kind": "charge",
        "external_id": movement.external_id,
        "group_id": movement.group_id,
        "our_reference": "",
        "parent_external_id": "",
        "barber_id": account.owner_id,
        "purpose": "sale",
        "state": "completed",
        "amount_minor": movement.amount.amount_minor,
        "tip_minor": 0,
        "fee_minor": movement.fee.amount_minor if movement.fee else None,
        "currency": "USD",
        "base_minor": movement.amount.amount_minor,
        "commission_rate": 0,
        "method": "card",
        "digest": f"{movement.external_id}:{movement.version}",
        "version": movement.version,
        "occurred_at": movement.occurred_at.isoformat(),
        "local_day": "2024-06-01",
        "recorded_at": now,
        "raw": movement.raw,
    }


def _compare(account: Connection) -> None:
    """
    :raises RowsDiffer: naming the column.
    """
    facts = _make_batch(account)
    expected = to_row(facts[0], link(facts[:1], {}, {})[0])
    for write in (floors.copy_and_merge, floors.create_in_bulk):
        batch = _make_batch(account)
        _write(account, batch, write)
        name = batch[0].movement.external_id
        row = ExternalTransaction.objects.values().get(connection=account, external_id=name)
        for column in ("purpose", "state", "amount_minor", "fee_minor", "base_minor", "barber_id"):
            if row[column] != expected[column]:
                raise RowsDiffer(f"{column}: {row[column]} and {expected[column]}")


def _get_rate(act: Callable[[], None]) -> float:
    start = time.perf_counter()
    for _ in range(BATCHES_PER_TURN):
        act()
    return BATCH * BATCHES_PER_TURN / (time.perf_counter() - start)
