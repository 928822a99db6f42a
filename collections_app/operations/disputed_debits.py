"""Debits that their bank disputes: once the dispute is lost, the collection has failed."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from bookedbarber.foundation.transitions import move
from payments.models import Dispute
from payments.states import DisputeState, Purpose

from ..models import CollectionAttempt, PlatformCollection
from ..states import AttemptState, CollectionState
from .notices import tell_result
from .settlement import lock_attempt

MOST_AT_ONCE = 200


def follow_lost_disputes(*, by: str, now: datetime) -> int:
    """Let collections fail whose debit's dispute is lost. Returns how many. Repeatable.

    The money had gone when the dispute began; won disputes follow their movement.
    """
    return sum(_fail(attempt, by, now) for attempt in _list_lost())


def _list_lost() -> list[CollectionAttempt]:
    disputed = CollectionAttempt.objects.filter(
        collection__state=CollectionState.DISPUTED, state=AttemptState.SUCCEEDED
    )
    lost = Dispute.objects.filter(
        state=DisputeState.LOST,
        charge__purpose=Purpose.DEBIT,
        charge__our_reference__in=disputed.values("public_id"),
        charge__connection=F("connection"),
    )
    references = lost.order_by("pk").values_list("charge__our_reference", flat=True)
    return list(disputed.filter(public_id__in=list(references[:MOST_AT_ONCE])).order_by("pk"))


@transaction.atomic
def _fail(attempt: CollectionAttempt, by: str, now: datetime) -> bool:
    collection = PlatformCollection.objects.select_for_update(of=["self"]).get(
        pk=attempt.collection_id
    )
    row = lock_attempt(attempt)
    if (collection.state, row.state) != (CollectionState.DISPUTED, AttemptState.SUCCEEDED):
        return False
    words = "The dispute of the payment was lost"
    move(row, AttemptState.RETURNED, by=by, reason=words)
    said = {"failure_code": "dispute_lost", "failure_message": words}
    move(collection, CollectionState.FAILED, by=by, reason=words, **said)
    tell_result(collection=collection, now=now, attempt=row)
    return True
