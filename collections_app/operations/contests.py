"""Contesting what a collection collects: a line leaves it, the rest goes on.

All lines of one sale go together: its commission and what refunds gave back of it.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from bookedbarber.foundation.errors import Conflict, Invalid
from bookedbarber.foundation.transitions import move_all
from payments.operations.dues import accrue_dues

from ..models import CollectionLine, PlatformCollection
from ..states import ContestDecision, LineState
from .collections import release_all
from .fees import build_adjustment
from .notices import tell_of_decision
from .reasons import check_reason


class ContestTooLate(Conflict):
    """The time to contest this collection is over."""

    code = "CONTEST_WINDOW_CLOSED"


class LineNotContestable(Conflict):
    """The line is not part of the collection any more."""

    code = "LINE_NOT_CONTESTABLE"


class CreditNotContestable(Invalid):
    """Only what is owed can be contested, not a credit."""

    code = "CREDIT_NOT_CONTESTABLE"


class LineNotContested(Conflict):
    """The line is not contested."""

    code = "LINE_NOT_CONTESTED"


@transaction.atomic
def contest_line(*, line: CollectionLine, reason: str, by: str, now: datetime) -> CollectionLine:
    """Take a line out of its collection until somebody decides; contesting it again is the same.

    A collection of which nothing above zero is left is canceled.

    :raises ReasonMissing: nobody says why.
    :raises ContestTooLate: the notice is over, or the collection is under way already.
    :raises CreditNotContestable: the line is in the barber's favor.
    :raises LineNotContestable: it was released.
    """
    check_reason(reason)
    collection, lines = _lock(line)
    mine = _get(line, lines)
    if mine.state == LineState.CONTESTED:
        return mine
    _check_contestable(mine, collection, now)
    contested = _list_family(mine, lines)
    move_all(
        contested,
        LineState.CONTESTED,
        by=by,
        reason=reason,
        contest_reason=reason,
        contested_by=by,
        contested_at=now,
    )
    _shrink(collection, lines, by=by, now=now)
    return mine


@transaction.atomic
def uphold_contest(
    *, line: CollectionLine, reason: str, by: str, now: datetime
) -> list[CollectionLine]:
    """Give in: an adjustment takes back what the contested lines say. Repeatable.

    Both stay outstanding and cancel each other out in the barber's next collection.

    :raises ReasonMissing: nobody says why.
    :raises LineNotContested: it never was, or the contest was rejected.
    """
    decided = _decide(line, ContestDecision.UPHELD, reason, by=by, now=now)
    dues = [
        build_adjustment(
            corrected=each.accrual.corrects or each.accrual,
            amount=-each.accrual.amount,
            reference=f"contest:{each.pk}",
            reason=reason,
            now=now,
        )
        for each in decided
    ]
    accrue_dues(dues, by=by, now=now)
    return decided


@transaction.atomic
def reject_contest(
    *, line: CollectionLine, reason: str, by: str, now: datetime
) -> list[CollectionLine]:
    """Insist: what the contested lines say is outstanding again. Repeatable.

    :raises ReasonMissing: nobody says why.
    :raises LineNotContested: it never was, or the contest was upheld.
    """
    return _decide(line, ContestDecision.REJECTED, reason, by=by, now=now)


def _lock(line: CollectionLine) -> tuple[PlatformCollection, list[CollectionLine]]:
    """The collection and all its lines, in the order in which everybody locks them."""
    collection = PlatformCollection.objects.select_for_update(of=["self"]).get(
        pk=line.collection_id
    )
    lines = CollectionLine.objects.select_for_update(of=["self"]).filter(collection=collection)
    return collection, list(lines.select_related("accrual__corrects").order_by("pk"))


def _get(line: CollectionLine, lines: Sequence[CollectionLine]) -> CollectionLine:
    return next(each for each in lines if each.pk == line.pk)


def _check_contestable(line: CollectionLine, collection: PlatformCollection, now: datetime) -> None:
    if not collection.is_contestable(now=now):
        raise ContestTooLate(contest_until=collection.contest_until.isoformat())
    if line.state != LineState.LIVE:
        raise LineNotContestable()
    if line.amount_minor < 0:
        raise CreditNotContestable()


def _list_family(line: CollectionLine, lines: Sequence[CollectionLine]) -> list[CollectionLine]:
    """The line, and those in the same state that are of the same sale."""
    sale = line.accrual.sale_id
    return [
        each
        for each in lines
        if each.state == line.state
        and (each.pk == line.pk or (sale is not None and each.accrual.sale_id == sale))
    ]


def _shrink(
    collection: PlatformCollection, lines: Sequence[CollectionLine], *, by: str, now: datetime
) -> None:
    live = [line for line in lines if line.state == LineState.LIVE]
    amount_minor = sum(line.amount_minor for line in live)
    if amount_minor <= 0:
        reason = "Nothing is left that is not contested"
        release_all(collection=collection, by=by, reason=reason, now=now)
        return
    collection.amount_minor, collection.line_count = amount_minor, len(live)
    collection.save(update_fields=["amount_minor", "line_count"])


def _decide(
    line: CollectionLine, decision: ContestDecision, reason: str, *, by: str, now: datetime
) -> list[CollectionLine]:
    check_reason(reason)
    collection, lines = _lock(line)
    mine = _get(line, lines)
    if mine.state == LineState.RELEASED and mine.decision == decision:
        return [each for each in _list_family(mine, lines) if each.decision == decision]
    if mine.state != LineState.CONTESTED:
        raise LineNotContested(decision=str(mine.decision))
    decided = _list_family(mine, lines)
    move_all(
        decided,
        LineState.RELEASED,
        by=by,
        reason=reason,
        decision=decision,
        decided_at=now,
    )
    tell_of_decision(
        collection=collection, lines=decided, decision=decision, reason=reason, now=now
    )
    return decided
