"""Reading closed days of the ledger: their hashes, and whether the seals still fit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection

from ..models import LedgerSeal, LedgerTransaction
from ..rules.seals import (
    NO_PREVIOUS,
    HashTree,
    Neighbor,
    seal_day,
    to_canonical,
    to_canonical_moment,
)
from .checks import Check, Offence

SEALS_CHECK = Check(
    "seals_fit_the_ledger",
    "each sealed day of the ledger is as it was sealed, and the seals follow on each other",
    "",
)

_ENTRIES = """
SELECT t.id, t.kind, t.source_type, t.source_id, t.revision, t.occurred_at, t.booked_at, t.by,
  a.code, a.barber_id, a.connection_id, a.currency, e.amount_minor
FROM payments_ledgertransaction t
JOIN payments_ledgerentry e ON e.transaction_id = t.id
JOIN payments_ledgeraccount a ON a.id = e.account_id
WHERE a.environment = %(environment)s AND {condition}
ORDER BY t.id, e.id
"""
_OF_DAY = _ENTRIES.format(condition="t.booked_at >= %(begin)s AND t.booked_at < %(end)s")
_BY_ID = _ENTRIES.format(condition="t.id = ANY(%(ids)s)")


@dataclass(frozen=True, slots=True)
class TransactionProof:
    """A transaction, and how its day's root follows from it."""

    transaction: Mapping[str, object]
    path: Sequence[Neighbor]


@dataclass(frozen=True, slots=True)
class SealProof:
    """A day's seal with what it was made of, and the transactions in it that were asked for."""

    seal: LedgerSeal
    transactions: Sequence[TransactionProof]


def read_day(environment: str, day: date) -> Iterator[dict[str, Any]]:
    """The day's transactions with their entries as they are hashed, read bit by bit."""
    begin = datetime.combine(day, time.min, UTC)
    values = {"begin": begin, "end": begin + timedelta(days=1), "environment": environment}
    yield from _read(_OF_DAY, values)


def read_transactions(environment: str, transaction_ids: Sequence[int]) -> list[dict[str, Any]]:
    """These transactions as they are hashed, whether their days are sealed or not."""
    return list(_read(_BY_ID, {"environment": environment, "ids": list(transaction_ids)}))


def _read(statement: str, values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, values)
        for _, rows in groupby(cursor, key=itemgetter(0)):
            yield _describe(str(values["environment"]), list(rows))


def calculate_seal(environment: str, day: date, *, previous: str) -> LedgerSeal:
    """What the day's seal should be; not stored."""
    tree = HashTree()
    for transaction in read_day(environment, day):
        tree.add(to_canonical(transaction))
    root = tree.close()
    return LedgerSeal(
        environment=environment,
        day=day,
        previous=previous,
        transactions=tree.size,
        root=root,
        seal=seal_day(
            environment=environment, day=day, previous=previous, transactions=tree.size, root=root
        ),
    )


def find_broken_seals() -> Iterator[Offence]:
    """Recompute every seal; yields those that do not fit, and days that were left out."""
    before: LedgerSeal | None = None
    for seal in LedgerSeal.objects.order_by("environment", "day"):
        if before is None or before.environment != seal.environment:
            previous = NO_PREVIOUS
        else:
            previous = before.seal
            expected_day = before.day + timedelta(days=1)
            if seal.day != expected_day:
                yield _offend(seal, f"a seal of {expected_day}", "none")
        wanted = calculate_seal(seal.environment, seal.day, previous=previous)
        for name in ("previous", "transactions", "root", "seal"):
            if getattr(wanted, name) != getattr(seal, name):
                expected = f"{name} {getattr(wanted, name)}"
                yield _offend(seal, expected, str(getattr(seal, name)))
                break
        before = seal


def prove_transactions(environment: str, transaction_ids: Sequence[int]) -> list[SealProof]:
    """The seals over these transactions' days, oldest first; what is not sealed yet is left out."""
    wanted = set(transaction_ids)
    booked = LedgerTransaction.objects.filter(pk__in=wanted).values_list("booked_at", flat=True)
    days = {moment.astimezone(UTC).date() for moment in booked}
    seals = LedgerSeal.objects.filter(environment=environment, day__in=days).order_by("day")
    return [_prove(seal, wanted) for seal in seals]


def _prove(seal: LedgerSeal, wanted: set[int]) -> SealProof:
    tree, found = HashTree(), []
    for transaction in read_day(seal.environment, seal.day):
        is_wanted = transaction["id"] in wanted
        if is_wanted:
            found.append(transaction)
        tree.add(to_canonical(transaction), watch=transaction["id"] if is_wanted else None)
    tree.close()
    return SealProof(seal, [TransactionProof(one, tree.get_path(one["id"])) for one in found])


def _describe(environment: str, rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    number, kind, source_type, source_id, revision, occurred_at, booked_at, by = rows[0][:8]
    entries = [dict(zip(_ENTRY_FIELDS, row[8:], strict=True)) for row in rows]
    return {
        "id": number,
        "environment": environment,
        "kind": kind,
        "source_type": source_type,
        "source_id": source_id,
        "revision": revision,
        "occurred_at": to_canonical_moment(occurred_at),
        "booked_at": to_canonical_moment(booked_at),
        "by": by,
        "entries": entries,
    }


_ENTRY_FIELDS = ("account", "barber_id", "connection_id", "currency", "amount_minor")


def _offend(seal: LedgerSeal, expected: str, found: str) -> Offence:
    return Offence(SEALS_CHECK.name, f"seal {seal}", expected, found)
