"""Sealing the closed days of the ledger."""

from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min

from processors.states import Environment

from ..models import LedgerAccount, LedgerSeal, LedgerTransaction
from ..models.ledger import BOOKED_LATE_MINUTES, SEALING_LOCK
from ..queries.seals import calculate_seal
from ..rules.seals import NO_PREVIOUS

# Sessions of other databases do not matter, nor those that only read.
_OLD_WRITERS = """
SELECT EXISTS (
  SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND backend_xid IS NOT NULL AND xact_start < %s)
"""


def seal_ledger(*, now: datetime) -> int:
    """Seal every closed day that has no seal yet, oldest first; returns how many.

    A day (UTC) is closed `LEDGER_SEAL_DELAY_SECONDS` after its end. It holds what was booked on
    it: what occurred then but is heard of later belongs to the day on which it is booked, so a
    sealed day never changes, and the database refuses whoever would still book into it. Days
    without a transaction are sealed too, from the first one on. Repeatable, and safe when several
    do it at once; each day is one transaction. A day with a transaction that is still open from
    its time is left for the next call.
    """
    return sum(_seal_environment(environment, now) for environment in Environment.values)


def _seal_environment(environment: str, now: datetime) -> int:
    sealed = 0
    while _seal_next(environment, now):
        sealed += 1
    return sealed


@transaction.atomic
def _seal_next(environment: str, now: datetime) -> bool:
    with connection.cursor() as cursor:
        # Held alone: whoever books something old now comes after us, or has come before.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEALING_LOCK])
    last = LedgerSeal.objects.filter(environment=environment).order_by("-day").first()
    day = last.day + timedelta(days=1) if last else _find_first_day(environment)
    if day is None or not _is_closed(day, now):
        return False
    seal = calculate_seal(environment, day, previous=last.seal if last else NO_PREVIOUS)
    seal.sealed_at = now
    seal.save(force_insert=True)
    return True


def _find_first_day(environment: str) -> date | None:
    if not LedgerAccount.objects.filter(environment=environment).exists():
        return None
    ours = LedgerTransaction.objects.filter(entries__account__environment=environment)
    first: datetime | None = ours.aggregate(first=Min("booked_at"))["first"]
    return first.astimezone(UTC).date() if first else None


def _is_closed(day: date, now: datetime) -> bool:
    """Whether nothing more can come: it is long over, and so are the transactions of its time."""
    end = datetime.combine(day + timedelta(days=1), time.min, UTC)
    if now < end + timedelta(seconds=settings.LEDGER_SEAL_DELAY_SECONDS):
        return False
    with connection.cursor() as cursor:
        cursor.execute(_OLD_WRITERS, [end + timedelta(minutes=BOOKED_LATE_MINUTES)])
        return not cursor.fetchone()[0]
