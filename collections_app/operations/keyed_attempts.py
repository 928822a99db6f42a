"""Taking a collection under an idempotency key: the same key is the same request."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from bookedbarber.foundation import idempotency
from bookedbarber.foundation.errors import DomainError
from bookedbarber.foundation.idempotency import Answer, KeyedRequest

from ..models import CollectionAttempt, PlatformCollection
from ..states import LIVE_ATTEMPT_STATES, OPEN_ATTEMPT_STATES


def attempt_once(
    act: Callable[[], CollectionAttempt],
    *,
    collection: PlatformCollection,
    keyed: KeyedRequest | None,
    now: datetime,
) -> CollectionAttempt | Answer:
    """Do what makes an attempt at this collection, once for each key.

    A repetition gets the frozen answer, or while the outcome is open the attempt as it stands.
    What is refused before anything was tried keeps no key. One collection is attempted once at a
    time, whatever the keys.

    :raises KeyReused, StillInProgress: the key belongs to another request, or to one under way.
    :raises DomainError: whatever `act` raises.
    """
    if keyed is None:
        return act()
    remembered = _claim(collection, keyed, now)
    if remembered is not None:
        if remembered.answer is not None:
            return remembered.answer
        live = collection.attempts.filter(state__in=LIVE_ATTEMPT_STATES).first()
        if live is not None:
            return _remember(live, keyed, now)
    try:
        attempt = act()
    except DomainError:
        idempotency.forget(keyed)
        raise
    return _remember(attempt, keyed, now)


@transaction.atomic
def _claim(
    collection: PlatformCollection, keyed: KeyedRequest, now: datetime
) -> idempotency.Remembered | None:
    lease = timedelta(seconds=settings.CHARGE_LEASE_SECONDS)
    return idempotency.claim(keyed, subject=collection.public_id, lease=lease, now=now)


def _remember(attempt: CollectionAttempt, keyed: KeyedRequest, now: datetime) -> CollectionAttempt:
    """Freeze the answer once it is final."""
    if attempt.state in OPEN_ATTEMPT_STATES:
        idempotency.release(keyed, now=now)
    else:
        idempotency.keep_answer(keyed, attempt)
    return attempt
