"""Listed movements in batches of 1,000, written onto a million rows that are there already.

The upsert alone, terms and digests included; and all that `record_movements` does of sales that
bear commission.
"""

import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.db.models import Sum

from bookedbarber.foundation.money import Money
from payments.models import Accrual, ExternalTransaction, LedgerEntry, LedgerTransaction
from payments.operations.movements import MovementFact, record_movements
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
# Before the account was connected no sale bears commission.
SOLD_AT = datetime(2024, 6, 1, tzinfo=UTC)
SOLD_WITH_COMMISSION_AT = datetime(2025, 6, 1, tzinfo=UTC)
BOOKED = (Accrual, LedgerTransaction, LedgerEntry)
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


Write = Callable[[list[MovementFact]], object]
Rows = Sequence[dict[str, Any]]


class RowsDiffer(RuntimeError):
    """Ours and a floor do not write the same."""


def measure(*, rounds: int) -> list[Row]:
    account = factories.create_connection(factories.create_barber())
    _fill(account)
    floors.prepare()
    _compare(account)
    _compare_books(account)
    return [
        _measure(account, "sync beside COPY", _upsert, floors.copy_and_merge, SOLD_AT, 0.6, rounds),
        _measure(
            account, "sync beside bulk_create", _upsert, floors.create_in_bulk, SOLD_AT, 1.5, rounds
        ),
        _measure(
            account,
            "sync with the books beside COPY and set SQL",
            _record,
            floors.copy_and_book,
            SOLD_WITH_COMMISSION_AT,
            0.5,
            rounds,
        ),
    ]


def _measure(
    account: Connection,
    name: str,
    ours: Write,
    floor: Callable[[Rows], None],
    sold_at: datetime,
    aim: float,
    rounds: int,
) -> Row:
    rates = take_turns(
        lambda: _get_rate(account, ours, sold_at),
        lambda: _get_rate(account, lambda facts: floor(_to_floor_rows(facts)), sold_at),
        rounds=rounds,
    )
    return Row(name=name, unit="rows/s", ours=rates[0], floor=rates[1], aim=aim)


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


def _make_batch(account: Connection, sold_at: datetime) -> list[MovementFact]:
    """New sales, and some of before whose fee is known now."""
    fresh = [_build(f"new_{next(_numbers)}", sold_at) for _ in range(BATCH - CHANGED_PER_BATCH)]
    old = [
        _build(f"old_{next(_numbers) % ROWS}", SOLD_AT, version=2) for _ in range(CHANGED_PER_BATCH)
    ]
    return [MovementFact(account, movement) for movement in [*fresh, *old]]


def _build(name: str, sold_at: datetime, version: int = 1) -> Movement:
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
        occurred_at=sold_at,
        available_at=None,
        raw={"id": name, "status": "COMPLETED", "note": "x" * 300},
    )


def _upsert(facts: list[MovementFact]) -> None:
    """`record_movements` without what follows."""
    with transaction.atomic():
        links = link(facts, {}, {})
        rows = [to_row(fact, of) for fact, of in zip(facts, links, strict=True)]
        upsert(rows, now=datetime.now(UTC))


def _record(facts: list[MovementFact]) -> None:
    record_movements(facts, by="job:bench", now=datetime.now(UTC))


def _to_floor_rows(facts: list[MovementFact]) -> Rows:
    """The floor makes its rows as simply as it can: every sale of a time bears the same terms."""
    now = datetime.now(UTC).isoformat()
    return [_to_floor_row(fact.connection, fact.movement, now) for fact in facts]


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
        "commission_rate": 0 if movement.occurred_at == SOLD_AT else 20,
        "method": "card",
        "digest": f"{movement.external_id}:{movement.version}",
        "version": movement.version,
        "occurred_at": movement.occurred_at.isoformat(),
        "local_day": movement.occurred_at.date().isoformat(),
        "recorded_at": now,
        "raw": movement.raw,
    }


def _compare(account: Connection) -> None:
    """
    :raises RowsDiffer: naming the column.
    """
    facts = _make_batch(account, SOLD_AT)
    expected = to_row(facts[0], link(facts[:1], {}, {})[0])
    for write in (floors.copy_and_merge, floors.create_in_bulk):
        batch = _make_batch(account, SOLD_AT)
        write(_to_floor_rows(batch))
        name = batch[0].movement.external_id
        row = ExternalTransaction.objects.values().get(connection=account, external_id=name)
        for column in ("purpose", "state", "amount_minor", "fee_minor", "base_minor", "barber_id"):
            if row[column] != expected[column]:
                raise RowsDiffer(f"{column}: {row[column]} and {expected[column]}")


def _compare_books(account: Connection) -> None:
    """
    :raises RowsDiffer: naming how many rows each wrote, and how much they owe.
    """
    ours = _count_booked(account, _record)
    floor = _count_booked(account, lambda facts: floors.copy_and_book(_to_floor_rows(facts)))
    if ours != floor or not ours["owed_minor"]:
        raise RowsDiffer(f"{ours} and {floor}")


def _count_booked(account: Connection, write: Write) -> dict[str, int]:
    before = _get_figures()
    write(_make_batch(account, SOLD_WITH_COMMISSION_AT))
    return {name: figure - before[name] for name, figure in _get_figures().items()}


def _get_figures() -> dict[str, int]:
    owed = LedgerEntry.objects.filter(account__code="receivable").aggregate(Sum("amount_minor"))
    counts = {model.__name__: model._default_manager.count() for model in BOOKED}
    return counts | {"owed_minor": owed["amount_minor__sum"] or 0}


def _get_rate(account: Connection, write: Write, sold_at: datetime) -> float:
    batches = [_make_batch(account, sold_at) for _ in range(BATCHES_PER_TURN)]
    start = time.perf_counter()
    for batch in batches:
        write(batch)
    return BATCH * BATCHES_PER_TURN / (time.perf_counter() - start)
