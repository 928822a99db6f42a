"""One posting of three entries, a commit each, through `post`."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count

from django.db import connection

from bookedbarber.foundation.money import Money
from payments.models import LedgerEntry
from payments.operations.ledger import post
from payments.rules.postings import PlatformMovement, post_platform_movement
from tests.benchmarks.floors.ledger import LedgerFact, book
from tests.benchmarks.reports import Row
from tests.benchmarks.rounds import take_turns

# Short turns: how long a commit takes changes by the second.
SECONDS = 0.5
TURNS_PER_ROUND = 4
GROSS, COMMISSION = Money(75_00, "USD"), Money(15_00, "USD")
BARBER, CONNECTION = 1, 1

_facts = count(10**12)


class EntriesDiffer(RuntimeError):
    """Ours and the floor do not write the same entries."""


def measure(*, rounds: int) -> list[Row]:
    _post_ours()
    _compare()
    ours, floor = take_turns(
        lambda: _get_rate(_post_ours),
        lambda: _get_rate(_post_floor),
        rounds=rounds * TURNS_PER_ROUND,
    )
    return [Row(name="ledger", unit="postings/s", ours=ours, floor=floor, aim=0.6)]


def _post_ours() -> int:
    now, fact = datetime.now(UTC), next(_facts)
    sale = PlatformMovement(
        id=fact,
        environment="sandbox",
        connection_id=CONNECTION,
        barber_id=BARBER,
        gross=GROSS,
        commission=COMMISSION,
        occurred_at=now,
    )
    post([post_platform_movement(sale)], by="job:bench", now=now)
    return fact


def _post_floor() -> int:
    gross, commission = GROSS.amount_minor, COMMISSION.amount_minor
    entries = (
        ("clearing", 0, CONNECTION, gross),
        ("commission", 0, 0, -commission),
        ("payable", BARBER, 0, commission - gross),
    )
    fact = next(_facts)
    with connection.cursor() as cursor:
        book(cursor, LedgerFact("sale", fact, datetime.now(UTC), entries))
    return fact


def _compare() -> None:
    ours, floor = _get_entries(_post_ours()), _get_entries(_post_floor())
    if ours != floor or len(ours) != 3:
        raise EntriesDiffer(f"{ours} and {floor}")


def _get_entries(fact: int) -> list[tuple[int, int, int, str]]:
    rows = LedgerEntry.objects.filter(transaction__source_id=fact, transaction__kind="sale")
    return sorted(rows.values_list("account_id", "barber_id", "amount_minor", "currency"))


def _get_rate(act: Callable[[], object]) -> float:
    done, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < SECONDS:
        act()
        done += 1
    return done / elapsed
