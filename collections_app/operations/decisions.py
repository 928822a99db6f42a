"""What people decide about a collection, in the books."""

from collections.abc import Callable
from datetime import datetime

from payments.operations.ledger import post
from payments.rules.postings import Decision, Posting
from payments.states import PostingSource

from ..models import PlatformCollection


def post_decision(
    *,
    collection: PlatformCollection,
    source_type: PostingSource,
    source_id: int,
    build_posting: Callable[[Decision], Posting],
    by: str,
    now: datetime,
) -> None:
    """Book what was decided about the whole of a locked collection, once for its source."""
    decision = Decision(
        source_type=source_type,
        source_id=source_id,
        environment=collection.environment,
        barber_id=collection.barber_id,
        amount=collection.amount,
        occurred_at=now,
    )
    post([build_posting(decision)], by=by, now=now)
