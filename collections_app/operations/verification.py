"""Calculating a collection anew, and putting it right while nothing was taken of it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from bookedbarber.foundation.audit import record_audit
from bookedbarber.foundation.errors import Conflict
from payments.operations.accruals import accrue_sales

from ..models import CollectionAttempt, CollectionLine, PlatformCollection
from ..queries.evidence import gather_evidence
from ..queries.verification import Verification, examine_collection
from ..states import LIVE_ATTEMPT_STATES, UNTRIED_COLLECTION_STATES, LineState

# What a person must look at: rows of somebody else, the books, money that was taken.
_SALE_FAULTS = {"commission_differs", "kept_differs"}
_FIXABLE = {"sum_differs", "count_differs", "line_differs", *_SALE_FAULTS}


class CollectionNotFixable(Conflict):
    """The collection cannot be corrected any more: something was taken of it, or is being."""


class NothingLeftToCollect(Conflict):
    """The collection's lines sum to nothing or less: cancel it."""


@dataclass(frozen=True, slots=True)
class Verified:
    """`before` is what was found, `after` what is left of it; without a fix they are equal."""

    before: Verification
    after: Verification


@transaction.atomic
def verify_collection(
    *, collection: PlatformCollection, by: str, now: datetime, fix: bool = False
) -> Verified:
    """Compare a collection with its lines, their sales and the books; with `fix` correct it.

    The lines take their accruals' amounts, the collection their sum, with an audit entry. A sale
    whose commission is not what it should be gets the missing step, which is outstanding then.
    Repeatable: where nothing differs nothing is written.

    :raises CollectionNotFixable: it differs, but something was taken of it or is being taken.
    :raises NothingLeftToCollect: its lines sum to nothing or less.
    """
    locked = PlatformCollection.objects.select_for_update(of=["self"]).get(pk=collection.pk)
    before = examine_collection(locked)
    if not fix or not {fault.code for fault in before.faults} & _FIXABLE:
        return Verified(before, before)
    _refuse_what_was_taken(locked)
    if any(fault.code in _SALE_FAULTS for fault in before.faults):
        accrue_sales(list(gather_evidence(locked).sales), by=by, now=now)
    _correct(locked, before, by=by)
    return Verified(before, examine_collection(locked))


def _refuse_what_was_taken(collection: PlatformCollection) -> None:
    attempts = CollectionAttempt.objects.filter(
        collection=collection, state__in=LIVE_ATTEMPT_STATES
    )
    if collection.state not in UNTRIED_COLLECTION_STATES or attempts.exists():
        raise CollectionNotFixable(state=str(collection.state))


def _correct(collection: PlatformCollection, found: Verification, *, by: str) -> None:
    if found.calculated.amount_minor <= 0:
        raise NothingLeftToCollect(calculated=str(found.calculated))
    lines = CollectionLine.objects.filter(collection=collection).select_related("accrual")
    for line in lines.filter(state=LineState.LIVE):
        if line.amount_minor != line.accrual.amount_minor:
            line.amount_minor = line.accrual.amount_minor
            line.save(update_fields=["amount_minor"])
    after = {"amount_minor": found.calculated.amount_minor, "line_count": found.lines}
    before = {name: getattr(collection, name) for name in after}
    if before == after and not any(fault.code == "line_differs" for fault in found.faults):
        return
    collection.amount_minor, collection.line_count = after["amount_minor"], after["line_count"]
    collection.save(update_fields=[*after])
    record_audit(
        subject=collection.subject,
        action="collection.corrected",
        by=by,
        reason="verify_collection --fix",
        before=before,
        after=after,
    )
