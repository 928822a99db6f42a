"""Collections that are paid without a debit: by hand, or by a decision."""

from collections.abc import Callable
from datetime import datetime

from bookedbarber.foundation.database import retry_transaction
from bookedbarber.foundation.errors import Invalid
from payments.rules.postings import Decision, Posting, post_manual_payment
from payments.states import PostingSource

from ..models import CollectionAttempt, PlatformCollection
from ..states import UNTRIED_COLLECTION_STATES, AttemptState, CollectionMethod
from .claims import bear_attempt, lock_collection
from .collecting import mark_collected
from .decisions import post_decision


class ReferenceMissing(Invalid):
    """reference: say how the payment is found at the bank."""

    code = "REFERENCE_MISSING"


@retry_transaction
def pay_by_hand(
    *, collection: PlatformCollection, reference: str, by: str, now: datetime
) -> CollectionAttempt:
    """Note that the barber paid a collection to the platform's bank. `reference` finds it there.

    :raises ReferenceMissing: there is no reference.
    :raises NotToBePaid: it is being debited, paid, waived or canceled.
    """
    if not reference.strip():
        raise ReferenceMissing(field="reference")
    row = lock_collection(collection, states=UNTRIED_COLLECTION_STATES)
    return decide_paid(
        collection=row,
        method=CollectionMethod.MANUAL,
        build_posting=post_manual_payment,
        by=by,
        now=now,
        reference=reference.strip(),
    )


def decide_paid(
    *,
    collection: PlatformCollection,
    method: CollectionMethod,
    build_posting: Callable[[Decision], Posting],
    by: str,
    now: datetime,
    reference: str = "",
    reason: str = "",
) -> CollectionAttempt:
    """Write down and book the payment of a locked collection. Inside the caller's transaction."""
    attempt = bear_attempt(
        collection=collection,
        method=method,
        state=AttemptState.SUCCEEDED,
        by=by,
        now=now,
        reference=reference,
        reason=reason,
        settled_at=now,
    )
    post_decision(
        collection=collection,
        source_type=PostingSource.ATTEMPT,
        source_id=attempt.pk,
        build_posting=build_posting,
        by=by,
        now=now,
    )
    mark_collected(collection=collection, attempt=attempt, reason=reason, by=by, now=now)
    return attempt
