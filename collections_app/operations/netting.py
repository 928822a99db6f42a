"""Taking a collection from what the platform owes the barber: whole or not at all."""

from datetime import datetime

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.database import retry_transaction
from bookedbarber.foundation.errors import Conflict
from bookedbarber.foundation.money import Money
from payments.queries.payables import list_payables
from payments.rules.postings import post_netting

from ..models import CollectionAttempt, PlatformCollection
from ..states import RETRYABLE_COLLECTION_STATES, CollectionMethod
from .claims import lock_collection
from .payments_by_decision import decide_paid


class NotCovered(Conflict):
    """What can be paid out to the barber now does not cover the collection."""

    code = "NOT_COVERED"


@retry_transaction
def net_from_payout(
    *,
    collection: PlatformCollection,
    by: str,
    now: datetime,
    due_by: datetime | None = None,
    reason: str = "",
) -> CollectionAttempt:
    """Deduct a collection from what can be paid out to the barber now; nothing moves outside.

    One transaction, under the lock that payouts take: what is netted is in no payout.

    :raises NotToBePaid: it is not waiting to be paid (`due_by`: by then).
    :raises NotCovered: less than its amount can be paid out.
    """
    # Locks are taken in one order: the barber, then the collection.
    Barber.objects.select_for_update(no_key=True, of=["self"]).get(pk=collection.barber_id)
    row = lock_collection(collection, states=RETRYABLE_COLLECTION_STATES, due_by=due_by)
    available = _get_available(row, now)
    if available < row.amount:
        raise NotCovered(available=str(available), amount=str(row.amount))
    return decide_paid(
        collection=row,
        method=CollectionMethod.PAYOUT_DEDUCTION,
        build_posting=post_netting,
        by=by,
        now=now,
        reason=reason,
    )


def _get_available(collection: PlatformCollection, now: datetime) -> Money:
    payables = list_payables(now=now, barber_ids=[collection.barber_id])
    sums = [one.facts.available for one in payables if one.currency == collection.currency]
    return next(iter(sums), Money.zero(collection.currency))
