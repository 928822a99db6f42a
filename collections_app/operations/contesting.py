"""Contesting a collection as a whole."""

from datetime import datetime

from django.db import transaction

from ..models import CollectionLine, PlatformCollection
from .contests import ContestTooLate, contest_line


@transaction.atomic
def contest_collection(
    *, collection: PlatformCollection, reason: str, by: str, now: datetime
) -> PlatformCollection:
    """Contest every line that is owed. The collection is canceled with the last of them.

    Where credits in it leave nothing to collect before that, the remaining lines are outstanding
    again instead, and can be contested in the next collection.

    :raises ReasonMissing: nobody says why.
    :raises ContestTooLate: the notice is over, or nothing is left to contest.
    """
    lines = CollectionLine.objects.filter(collection=collection, amount_minor__gt=0).live()
    wanted = list(lines.order_by("-amount_minor", "pk").values_list("pk", flat=True))
    if not wanted:
        raise ContestTooLate("Nothing is left to contest")
    for key in wanted:
        line = CollectionLine.objects.live().filter(pk=key).first()
        if line is not None:
            contest_line(line=line, reason=reason, by=by, now=now)
    return PlatformCollection.objects.get(pk=collection.pk)
