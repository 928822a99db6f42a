"""What processors' events say of debits; what they say of other sales is payments' to hear."""

from django.db.models import Q

from bookedbarber.foundation.jobs import enqueue_on_commit
from payments.operations.dispute_events import hear_of_dispute_event
from payments.operations.sale_events import note_sale
from processors.contract import MovementState, SaleNews
from processors.operations.webhook_outcomes import Handled, Later, Outcome, Reported

from ..models import CollectionAttempt
from ..states import OPEN_ATTEMPT_STATES, AttemptState
from .disputed_debits import follow_lost_disputes


def note_charge(reported: Reported) -> Outcome:
    """Bring a debit, or any other sale, to what an event says of it.

    Money that moved is recorded, and the attempt follows it. Any other word about an open attempt
    is only the reason to ask about it now: what its processor answers settles it.
    """
    attempt = _find_open_attempt(reported)
    if attempt is None or _has_moved(reported):
        return note_sale(reported)
    return _ask_about(attempt, reported)


def note_dispute_of_charge(reported: Reported) -> Outcome:
    """Keep what an event says of a dispute; of a debit that is lost, the collection fails."""
    outcome = hear_of_dispute_event(reported)
    follow_lost_disputes(by=reported.by, now=reported.now)
    return outcome


def _find_open_attempt(reported: Reported) -> CollectionAttempt | None:
    """Of ours is what carries our reference on the account that debits."""
    news = reported.news
    if not isinstance(news, SaleNews) or not news.our_reference:
        return None
    attempts = CollectionAttempt.objects.filter(connection=reported.connection)
    open_ones = attempts.filter(state__in=OPEN_ATTEMPT_STATES)
    return open_ones.filter(public_id=news.our_reference).first()


def _has_moved(reported: Reported) -> bool:
    movement = getattr(reported.news, "movement", None)
    return movement is not None and movement.state == MovementState.COMPLETED


def _ask_about(attempt: CollectionAttempt, reported: Reported) -> Outcome:
    """The sweeper asks; while somebody has it in hand, the event waits for the end of that."""
    free = CollectionAttempt.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=reported.now),
        pk=attempt.pk,
        state__in=[AttemptState.UNKNOWN, AttemptState.PENDING],
    )
    if not free.update(next_check_at=reported.now):
        return Later(f"{attempt.public_id} is {attempt.state}, somebody has it in hand")
    enqueue_on_commit("collections.settle_unknown_attempts")
    return Handled()
