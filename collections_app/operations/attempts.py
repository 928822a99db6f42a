"""Taking collections: claim, commit, debit, settle. One act, whoever asks for it."""

from collections.abc import Collection, Iterator
from datetime import datetime
from enum import Enum, auto

from django.conf import settings
from django.db import transaction

from bookedbarber.foundation.errors import Conflict, Invalid
from bookedbarber.foundation.transitions import move
from payments.queries.configs import find_config

from ..models import CollectionAttempt, PlatformCollection
from ..states import (
    RETRYABLE_COLLECTION_STATES,
    UNTRIED_COLLECTION_STATES,
    CollectionMethod,
    CollectionState,
    FailureClass,
    MandateKind,
)
from .claims import AccountNotReady, NoMandate, NotToBePaid, claim_debit
from .debit_sending import send_attempt
from .netting import NotCovered, net_from_payout
from .notices import tell_result
from .reasons import check_reason
from .settlement import settle_attempt

_S = CollectionState
MOST_AT_ONCE = 20

_KINDS = {
    CollectionMethod.CARD: (MandateKind.CARD,),
    CollectionMethod.BANK_DEBIT: (MandateKind.BANK_ACCOUNT,),
}


class MethodNotRetried(Invalid):
    """A collection is tried again by card, bank_debit or payout_deduction."""


class CollectionNotRetryable(Conflict):
    """Only a collection that is due or has failed can be tried again."""

    code = "COLLECTION_NOT_OPEN"


def process_collections(*, now: datetime, by: str) -> int:
    """Take every collection whose time has come. Returns how many were attempted.

    Repeatable at any moment, also at once: each is claimed for itself, and what others have
    claimed is passed over. A round ends early when the platform's own account cannot debit.
    """
    attempted = 0
    for collection in find_due(now=now):
        taken = _take(collection, by, now)
        attempted += taken in {_Taken.ATTEMPTED, _Taken.IN_VAIN}
        if taken in {_Taken.IN_VAIN, _Taken.NOT_NOW}:
            break
    return attempted


def find_due(*, now: datetime) -> Iterator[PlatformCollection]:
    """The collections whose time has come, read in batches by their ids."""
    due = PlatformCollection.objects.filter(
        state=_S.DUE, next_attempt_at__lte=now, environment=settings.ENVIRONMENT
    )
    ordered, last = due.select_related("barber").order_by("pk"), 0
    while batch := list(ordered.filter(pk__gt=last)[:MOST_AT_ONCE]):
        last = batch[-1].pk
        yield from batch


def attempt_collection(
    *, collection: PlatformCollection, by: str, now: datetime
) -> CollectionAttempt:
    """Debit a due collection now, whatever its next attempt's time. Returns the attempt.

    :raises NotToBePaid: it is not due; somebody else may be taking it.
    :raises NoMandate: there is nothing to debit.
    :raises AccountNotReady: the platform's account cannot debit now.
    """
    attempt = claim_debit(collection=collection, states=(_S.DUE,), by=by, now=now)
    return _send(attempt, by, now)


def pay_collection(*, collection: PlatformCollection, by: str, now: datetime) -> CollectionAttempt:
    """Debit the barber's saved method because the barber asks for it, also before it is due.

    Of many at once one debits; the others are told that it is being paid.

    :raises NotToBePaid: it is being paid, paid, waived, canceled or disputed.
    :raises NoMandate: there is nothing to debit.
    :raises AccountNotReady: the platform's account cannot debit now.
    """
    attempt = claim_debit(
        collection=collection,
        states=UNTRIED_COLLECTION_STATES,
        by=by,
        now=now,
        reason="Paid by the barber",
    )
    return _send(attempt, by, now)


def retry_collection(
    *,
    collection: PlatformCollection,
    method: CollectionMethod | None,
    reason: str,
    by: str,
    now: datetime,
) -> CollectionAttempt:
    """Try again to take a collection, for a reason a person gives, by this method or any saved.

    :raises ReasonMissing: nobody says why.
    :raises MethodNotRetried: this method takes no attempt.
    :raises CollectionNotRetryable: it is neither due nor has it failed.
    :raises NoMandate, NotCovered: there is nothing to debit, or to deduct it from.
    :raises AccountNotReady: the platform's account cannot debit now.
    """
    check_reason(reason)
    collection.refresh_from_db()
    if collection.state not in RETRYABLE_COLLECTION_STATES:
        raise CollectionNotRetryable(f"It is {collection.state}", state=str(collection.state))
    if method == CollectionMethod.PAYOUT_DEDUCTION:
        return net_from_payout(collection=collection, by=by, now=now, reason=reason)
    attempt = claim_debit(
        collection=collection,
        states=RETRYABLE_COLLECTION_STATES,
        by=by,
        now=now,
        reason=reason,
        kinds=_choose_kinds(method),
    )
    return _send(attempt, by, now)


def _choose_kinds(method: CollectionMethod | None) -> Collection[MandateKind]:
    if method is None:
        return tuple(MandateKind)
    if method not in _KINDS:
        raise MethodNotRetried(field="collection_method", method=str(method))
    return _KINDS[method]


def _send(attempt: CollectionAttempt, by: str, now: datetime) -> CollectionAttempt:
    evidence = send_attempt(attempt=attempt)
    return settle_attempt(attempt=attempt, evidence=evidence, by=by, now=now)


class _Taken(Enum):
    """What became of one in a round. `in_vain`, `not_now`: the next one would end the same way."""

    ATTEMPTED = auto()
    IN_VAIN = auto()
    NOT_NOW = auto()
    BY_OTHERS = auto()


def _take(collection: PlatformCollection, by: str, now: datetime) -> _Taken:
    """From the next payout where the barber's terms say so and it suffices, else by debit."""
    try:
        if _is_netted(collection, by, now):
            return _Taken.ATTEMPTED
        attempt = claim_debit(collection=collection, states=(_S.DUE,), due_by=now, by=by, now=now)
    except NotToBePaid:
        return _Taken.BY_OTHERS
    except AccountNotReady:
        return _Taken.NOT_NOW
    except NoMandate:
        _give_up(collection, by, now)
        return _Taken.ATTEMPTED
    evidence = send_attempt(attempt=attempt)
    settle_attempt(attempt=attempt, evidence=evidence, by=by, now=now)
    return _Taken.IN_VAIN if evidence.is_futile else _Taken.ATTEMPTED


def _is_netted(collection: PlatformCollection, by: str, now: datetime) -> bool:
    config = find_config(collection.barber, at=now)
    if config is None or not config.net_from_payout:
        return False
    try:
        net_from_payout(collection=collection, by=by, now=now, due_by=now)
    except NotCovered:
        return False
    return True


@transaction.atomic
def _give_up(collection: PlatformCollection, by: str, now: datetime) -> None:
    """Nothing is saved that could be debited: a person must act, and is told."""
    row = PlatformCollection.objects.select_for_update(of=["self"]).get(pk=collection.pk)
    if row.state != _S.DUE:
        return
    words = NoMandate().message
    said = {"failure_code": FailureClass.MANDATE_GONE.value, "failure_message": words}
    move(row, _S.FAILED, by=by, reason=words, next_attempt_at=None, **said)
    tell_result(collection=row, now=now)
