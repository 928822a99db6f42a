"""The end that every collection is meant to have: it is paid."""

from datetime import datetime

from bookedbarber.foundation.transitions import move

from ..models import CollectionAttempt, PlatformCollection
from ..states import CollectionState
from .notices import tell_result


def mark_collected(
    *,
    collection: PlatformCollection,
    attempt: CollectionAttempt,
    reason: str,
    by: str,
    now: datetime,
) -> None:
    """Let a locked collection be paid by this attempt, and tell the barber, in one transaction."""
    move(
        collection,
        CollectionState.COLLECTED,
        by=by,
        reason=reason,
        collected_at=now,
        failure_code="",
        failure_message="",
        next_attempt_at=None,
    )
    tell_result(collection=collection, now=now, attempt=attempt)
