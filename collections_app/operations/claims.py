"""Claiming a collection: an attempt under a lease, committed before anything is sent."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from bookedbarber.foundation.errors import Conflict, Unavailable
from bookedbarber.foundation.transitions import move
from processors.states import ConnectionState

from ..models import CollectionAttempt, Mandate, PlatformCollection
from ..queries.mandates import METHODS, find_mandate
from ..states import AttemptState, CollectionMethod, CollectionState, MandateKind


class NotToBePaid(Conflict):
    """The collection is being paid or settled already."""

    code = "COLLECTION_NOT_OPEN"


class NoMandate(Conflict):
    """There is no saved payment method to debit."""

    code = "NO_PAYMENT_METHOD"


class AccountNotReady(Unavailable):
    """The platform's own account cannot debit now; try again later."""


@transaction.atomic
def claim_debit(
    *,
    collection: PlatformCollection,
    states: Collection[CollectionState],
    by: str,
    now: datetime,
    due_by: datetime | None = None,
    reason: str = "",
    kinds: Collection[MandateKind] = tuple(METHODS),
) -> CollectionAttempt:
    """Let one attempt have this collection; of several who try at once one gets it.

    Send it after the commit. `due_by`: only if its next attempt's time has come by then.

    :raises NotToBePaid: the collection is in none of `states`, or its time has not come.
    :raises NoMandate: nothing is saved that could be debited, or it was withdrawn meanwhile.
    :raises AccountNotReady: the platform's account is not connected, or switched off.
    """
    row = lock_collection(collection, states=states, due_by=due_by)
    mandate = find_mandate(row, kinds=kinds)
    if mandate is None:
        raise NoMandate()
    account = mandate.connection
    if account.state != ConnectionState.CONNECTED or account.disabled_at is not None:
        raise AccountNotReady()
    attempt = _bear_debit(row, mandate, by, now, reason)
    changes = {"next_attempt_at": None, "attempt_count": row.attempt_count + 1}
    move(row, CollectionState.PROCESSING, by=by, reason=reason, **changes)
    return attempt


def lock_collection(
    collection: PlatformCollection,
    *,
    states: Collection[CollectionState],
    due_by: datetime | None = None,
) -> PlatformCollection:
    """Lock a collection that is to be paid, for the caller's transaction.

    :raises NotToBePaid: it is in none of these states, or its time has not come.
    """
    row = PlatformCollection.objects.select_for_update(of=["self"]).get(pk=collection.pk)
    if row.state not in states:
        raise NotToBePaid(f"The collection is {row.state}", state=str(row.state))
    if due_by is not None and (row.next_attempt_at is None or row.next_attempt_at > due_by):
        raise NotToBePaid("Its next attempt is later", state=str(row.state))
    return row


def _bear_debit(
    collection: PlatformCollection, mandate: Mandate, by: str, now: datetime, reason: str
) -> CollectionAttempt:
    return bear_attempt(
        collection=collection,
        method=METHODS[MandateKind(mandate.kind)],
        state=AttemptState.SUBMITTED,
        by=by,
        now=now,
        reason=reason,
        mandate=mandate,
        connection=mandate.connection,
        # By the real clock, which the sweeper compares with.
        lease_until=timezone.now() + timedelta(seconds=settings.COLLECTION_LEASE_SECONDS),
    )


def bear_attempt(
    *,
    collection: PlatformCollection,
    method: CollectionMethod,
    state: AttemptState,
    by: str,
    now: datetime,
    **fields: object,
) -> CollectionAttempt:
    """Write down the next attempt of a locked collection."""
    last = collection.attempts.aggregate(last=Max("number"))["last"] or 0
    return CollectionAttempt.objects.create(
        collection=collection,
        number=last + 1,
        method=method,
        amount_minor=collection.amount_minor,
        currency=collection.currency,
        state=state,
        by=by,
        created_at=now,
        **fields,
    )
