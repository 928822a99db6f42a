"""Where a dispute stands, and which moves exist."""

from django.db import models


class DisputeState(models.TextChoices):
    """As `processors.contract.DisputeState`; money is not in it."""

    INQUIRY = "inquiry"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"


_D = DisputeState

# Facts may be missed in between, so a dispute may skip states. Only a newer fact moves it: an
# inquiry that was closed may still become a dispute, and one that was decided may be appealed.
DISPUTE_TRANSITIONS: dict[str, frozenset[str]] = {
    _D.INQUIRY: frozenset({_D.NEEDS_RESPONSE, _D.UNDER_REVIEW, _D.WON, _D.LOST, _D.CLOSED}),
    _D.NEEDS_RESPONSE: frozenset({_D.UNDER_REVIEW, _D.WON, _D.LOST, _D.CLOSED}),
    _D.UNDER_REVIEW: frozenset({_D.NEEDS_RESPONSE, _D.WON, _D.LOST, _D.CLOSED}),
    _D.WON: frozenset({_D.NEEDS_RESPONSE, _D.UNDER_REVIEW, _D.LOST}),
    _D.LOST: frozenset({_D.NEEDS_RESPONSE, _D.UNDER_REVIEW, _D.WON}),
    _D.CLOSED: frozenset({_D.NEEDS_RESPONSE, _D.UNDER_REVIEW, _D.WON, _D.LOST}),
}

# Somebody may still have to answer, or the bank to decide.
OPEN_DISPUTE_STATES = frozenset({_D.INQUIRY, _D.NEEDS_RESPONSE, _D.UNDER_REVIEW})
