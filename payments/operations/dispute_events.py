"""What processors' events say of disputes."""

from processors.contract import DisputeNews
from processors.operations.webhook_outcomes import Handled, Ignored, Outcome, Reported

from .disputes import note_dispute


def hear_of_dispute_event(reported: Reported) -> Outcome:
    """Keep what an event says of a dispute, with the money that it names.

    One of a payment that is not known yet is kept all the same: its deadline does not wait.
    """
    news = reported.news
    if not isinstance(news, DisputeNews):
        return Ignored(f"object_not_used: {reported.event.type}")
    note_dispute(
        statement=news.statement,
        connection=reported.connection,
        by=reported.by,
        now=reported.now,
    )
    return Handled()
