"""Collections that are stuck: under way for hours without a debit that the processor accepted."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from bookedbarber.foundation.errors import DomainError

from ..models import CollectionAttempt
from ..states import AttemptState, CollectionState
from .unknown_attempts import ask_again, mark_lost_attempts

MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Checked:
    """How many were stuck, and how many of those are settled now."""

    stuck: int
    settled: int

    @property
    def figures(self) -> dict[str, int]:
        """As JSON, for the job's record."""
        return {"stuck": self.stuck, "settled": self.settled}


def check_stuck_collections(*, now: datetime, by: str) -> Checked:
    """Find collections that are stuck and settle them by asking the processor. Repeatable.

    A bank debit that the processor has accepted is not stuck, however long it takes.
    """
    mark_lost_attempts(now=now)
    stuck = list_stuck(now=now)
    settled = sum(_ask(attempt, by, now) for attempt in stuck)
    return Checked(len(stuck), settled)


def list_stuck(*, now: datetime) -> list[CollectionAttempt]:
    """Attempts without an outcome for so long [2 h], oldest first."""
    before = now - timedelta(seconds=settings.COLLECTION_STUCK_SECONDS)
    return list(
        CollectionAttempt.objects.filter(
            state__in=[AttemptState.UNKNOWN, AttemptState.SUBMITTED],
            collection__state=CollectionState.PROCESSING,
            collection__environment=settings.ENVIRONMENT,
            created_at__lte=before,
        )
        .select_related("connection", "mandate", "collection")
        .order_by("pk")[:MOST_AT_ONCE]
    )


def _ask(attempt: CollectionAttempt, by: str, now: datetime) -> bool:
    if attempt.state != AttemptState.UNKNOWN:
        return False
    try:
        after = ask_again(attempt=attempt, by=by, now=now)
    except DomainError:
        return False
    return after.state != AttemptState.UNKNOWN
