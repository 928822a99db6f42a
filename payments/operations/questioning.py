"""What became of what we sent: one way of asking, for legs, refunds and payouts alike.

A sweeper runs every few seconds and takes what is due with SKIP LOCKED, so that several may run at
once. A question holds no lock: the row is claimed by a lease first. An account that gives no answer
at all is asked about one row in a round, and about all of them as soon as it answers again.
"""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Q, QuerySet

from processors.errors import ListTooLong
from processors.transport import shared_lists

from ..models.instructions import Instruction

MOST_AT_ONCE = 20
# Our clock and the processor's may differ by this much when a list is asked for.
CLOCK_TOLERANCE = timedelta(minutes=5)


class Heard(Protocol):
    """What a question has brought: the processor's word, or none."""

    @property
    def is_unanswered(self) -> bool: ...


Row = TypeVar("Row", bound=Instruction)
Known = TypeVar("Known", bound=Heard)
Listed = TypeVar("Listed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions(Generic[Row, Known]):
    """How one kind of instruction is asked about.

    `in_flight`: rows with a call under way while their lease runs. `open`: rows whose processor is
    asked what became of them, with all that asking reads. `connection`: the lookup of the account.
    `ask(row, now, since)` calls the processor, and may list from `since` on, so that one list
    serves a batch; `settle(row, heard, now)` writes down what it said.
    """

    name: str
    in_flight: QuerySet[Row]
    open: QuerySet[Row]
    connection: str
    ask: Callable[[Row, datetime, datetime], Known]
    settle: Callable[[Row, Known, datetime], None]


def look_for(read: Callable[..., Listed | None], *, since: datetime) -> Listed | None:
    """What `read(since=…)` finds in a processor's list of what was made from `since` on.

    None: it names none, or is too long to be read to its end, which proves as little.

    :raises AnswerLost: the list did not come to its end for another reason.
    """
    try:
        return read(since=since - CLOCK_TOLERANCE)
    except ListTooLong:
        return None


def find_lost(questions: Questions[Row, Known], *, now: datetime) -> list[Row]:
    """Rows whose lease is over without an outcome, a batch of them.

    Whoever calls them unknown may do so beside the caller itself: who settles first wins, and an
    unknown row still takes every outcome.
    """
    lost = _of_our_environment(questions, questions.in_flight).filter(lease_until__lt=now)
    return list(lost.order_by("lease_until")[:MOST_AT_ONCE])


def settle_due(questions: Questions[Row, Known], *, now: datetime) -> int:
    """Ask about every row that is due, and settle what is answered. Returns how many were asked.

    A long queue is worked off batch by batch, and beside it by whoever sweeps next.
    """
    silent: set[int] = set()
    asked, moment, began = 0, now, time.monotonic()
    due = _claim_due(questions, now, probes=_choose_probes(questions))
    while due:
        asked += _ask_about_each(questions, due, silent, moment)
        passed = time.monotonic() - began
        if passed >= settings.SWEEP_SECONDS:
            break
        moment = now + timedelta(seconds=passed)
        due = _claim_due(questions, moment, silent=silent)
    return asked


def _choose_probes(questions: Questions[Row, Known]) -> list[int]:
    """The oldest row of each account that gave no answer when asked, now and then.

    Its own schedule may have grown to hours meanwhile.
    """
    unanswered = questions.open.filter(is_unanswered=True, checks__gt=0)
    account = f"{questions.connection}_id"
    oldest = (
        _of_our_environment(questions, unanswered)
        .order_by(account, "pk")
        .distinct(account)
        .values_list("pk", account)
    )
    return [
        pk
        for pk, account_id in oldest
        if cache.add(f"probe:{questions.name}:{account_id}", 1, timeout=settings.PROBE_SECONDS)
    ]


def _claim_due(
    questions: Questions[Row, Known],
    now: datetime,
    *,
    probes: Collection[int] = (),
    silent: Collection[int] = (),
) -> list[Row]:
    """Rows that are due, and these, under a lease of ours; not those of silent accounts."""
    lease = now + timedelta(seconds=2 * settings.QUESTION_BUDGET_SECONDS)
    with transaction.atomic():
        due = list(
            _of_our_environment(questions, questions.open)
            .filter(Q(next_check_at__lte=now) | Q(pk__in=probes))
            .filter(Q(lease_until=None) | Q(lease_until__lt=now))
            .exclude(**{f"{questions.connection}_id__in": silent})
            .select_for_update(skip_locked=True, of=["self"])
            .order_by("next_check_at")[:MOST_AT_ONCE]
        )
        claimed = questions.open.filter(pk__in=[row.pk for row in due])
        claimed.update(lease_until=lease, checks=F("checks") + 1)
    for row in due:
        row.checks += 1
        row.lease_until = lease
    return due


def _ask_about_each(
    questions: Questions[Row, Known], due: Sequence[Row], silent: set[int], now: datetime
) -> int:
    asked = 0
    since = _get_oldest_by_account(due)
    with shared_lists():
        for row in due:
            if row.connection_id in silent:
                _postpone(questions, row, now)
                continue
            asked += 1
            heard = questions.ask(row, now, since[row.connection_id])
            questions.settle(row, heard, now)
            if heard.is_unanswered:
                silent.add(row.connection_id)
            else:
                _hasten_unanswered(questions, row.connection_id, now)
    return asked


def _get_oldest_by_account(due: Sequence[Instruction]) -> dict[int, datetime]:
    """From when on each account is listed: a list may be long, and one answers for all its rows."""
    since: dict[int, datetime] = {}
    for row in due:
        oldest = since.get(row.connection_id, row.created_at)
        since[row.connection_id] = min(oldest, row.created_at)
    return since


def _postpone(questions: Questions[Row, Known], row: Row, now: datetime) -> None:
    """Its account is silent: end our lease, and let it be the one that is asked about next."""
    soon = now + timedelta(seconds=settings.PROBE_SECONDS)
    questions.open.filter(pk=row.pk).update(
        lease_until=None,
        is_unanswered=True,
        next_check_at=min(soon, row.get_next_check(now=now)),
    )


def _hasten_unanswered(questions: Questions[Row, Known], connection_id: int, now: datetime) -> None:
    of_account = {f"{questions.connection}_id": connection_id}
    waiting = questions.open.filter(is_unanswered=True, **of_account).values_list("pk", flat=True)
    # By key alone, so that what was settled meanwhile is left alone.
    questions.open.filter(pk__in=list(waiting)).update(next_check_at=now)


def _of_our_environment(questions: Questions[Row, Known], rows: QuerySet[Row]) -> QuerySet[Row]:
    return rows.filter(**{f"{questions.connection}__environment": settings.ENVIRONMENT})
