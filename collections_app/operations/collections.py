"""What becomes of a whole collection without a payment."""

from datetime import datetime

from django.db import transaction

from bookedbarber.foundation.errors import Conflict
from bookedbarber.foundation.transitions import move, move_all
from payments.rules.postings import post_waiver
from payments.states import PostingSource

from ..models import CollectionLine, PlatformCollection
from ..queries.terms import list_automatic
from ..states import UNTRIED_COLLECTION_STATES, CollectionState, LineState
from .decisions import post_decision
from .notices import tell_result
from .reasons import check_reason

# Collections in one transaction.
BATCH = 500


class CollectionNotOpen(Conflict):
    """The collection is under way or settled already."""

    code = "COLLECTION_NOT_OPEN"


def move_due_collections(*, now: datetime, by: str) -> int:
    """Make collections due whose notice is over; returns how many. Repeatable, also at once.

    They are attempted from now on, unless the barber's terms leave that to a person.
    """
    moved = 0
    while batch := _move_batch(now, by):
        moved += batch
    return moved


@transaction.atomic
def _move_batch(now: datetime, by: str) -> int:
    waiting = PlatformCollection.objects.filter(state=CollectionState.PENDING, due_at__lte=now)
    rows = list(
        waiting.select_for_update(skip_locked=True, of=["self"]).order_by("due_at", "pk")[:BATCH]
    )
    automatic = list_automatic({row.barber_id for row in rows}, now=now)
    for is_automatic in (True, False):
        chosen = [row for row in rows if (row.barber_id in automatic) == is_automatic]
        at = now if is_automatic else None
        move_all(chosen, CollectionState.DUE, by=by, next_attempt_at=at)
    return len(rows)


@transaction.atomic
def waive_collection(
    *, collection: PlatformCollection, reason: str, by: str, now: datetime
) -> PlatformCollection:
    """Give up a collection that nobody is taking; a contested line of it is not given up.

    Waiving it again is the same act.

    :raises ReasonMissing: nobody says why.
    :raises CollectionNotOpen: it is under way, paid or canceled.
    """
    locked = _lock(collection, reason)
    if locked.state == CollectionState.WAIVED:
        return locked
    _check_open(locked)
    move(locked, CollectionState.WAIVED, by=by, reason=reason, next_attempt_at=None)
    post_decision(
        collection=locked,
        source_type=PostingSource.COLLECTION,
        source_id=locked.pk,
        build_posting=post_waiver,
        by=by,
        now=now,
    )
    tell_result(collection=locked, now=now)
    return locked


@transaction.atomic
def cancel_collection(
    *, collection: PlatformCollection, reason: str, by: str, now: datetime
) -> PlatformCollection:
    """Undo a collection that nobody is taking: what it collects is outstanding again.

    The next period's collection takes it up. Canceling it again is the same act.

    :raises ReasonMissing: nobody says why.
    :raises CollectionNotOpen: it is under way, paid or waived.
    """
    locked = _lock(collection, reason)
    if locked.state == CollectionState.CANCELED:
        return locked
    _check_open(locked)
    release_all(collection=locked, by=by, reason=reason, now=now)
    return locked


def release_all(*, collection: PlatformCollection, by: str, reason: str, now: datetime) -> None:
    """Cancel a locked collection; its live lines leave it. Inside the caller's transaction."""
    lines = list(
        CollectionLine.objects.select_for_update(of=["self"])
        .filter(collection=collection, state=LineState.LIVE)
        .order_by("pk")
    )
    move(collection, CollectionState.CANCELED, by=by, reason=reason, next_attempt_at=None)
    move_all(lines, LineState.RELEASED, by=by, reason=reason)
    tell_result(collection=collection, now=now)


def _lock(collection: PlatformCollection, reason: str) -> PlatformCollection:
    """
    :raises ReasonMissing: nobody says why.
    """
    check_reason(reason)
    return PlatformCollection.objects.select_for_update(of=["self"]).get(pk=collection.pk)


def _check_open(collection: PlatformCollection) -> None:
    """
    :raises CollectionNotOpen: nobody may decide about it now.
    """
    if collection.state not in UNTRIED_COLLECTION_STATES:
        raise CollectionNotOpen(
            f"The collection is {collection.state}", state=str(collection.state)
        )
