"""What payments asks about debits, and tells of them: `settings.DEBIT_BOOK` names this module.

Attempts follow the movements that are recorded of them, in the same transaction, whichever way
the word came: the answer to our call, an event, a sync, a sweeper. So the books and the
collections never disagree, not even in between.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models.functions import Coalesce

from bookedbarber.foundation.transitions import move
from payments.models import Accrual, ExternalTransaction
from payments.operations.recording.debtors import Debtor, Debtors
from payments.operations.repayments import accrue_repaid
from payments.states import Purpose, TransactionKind, TransactionState

from ..models import CollectionAttempt, PlatformCollection
from ..rules.debits import Change, DebitFacts, Movement, decide_change
from ..states import (
    OPEN_ATTEMPT_STATES,
    AttemptState,
    CollectionMethod,
    CollectionState,
)
from .collecting import mark_collected
from .notices import tell_result
from .settlement import NOTHING_IN_FLIGHT

# So the public ids of attempts begin.
PREFIX = "cat_"


def hold_debits(references: Collection[str]) -> Debtors:
    """Lock the collections that attempts with these references take; say who is debited."""
    ours = [reference for reference in references if reference.startswith(PREFIX)]
    if not ours:
        return {}
    attempts = CollectionAttempt.objects.filter(public_id__in=ours)
    locked = PlatformCollection.objects.select_for_update(of=["self"])
    list(locked.filter(pk__in=attempts.values("collection_id")).order_by("pk").values_list("pk"))
    # A statement of its own, so that it sees what the locks' last holder did.
    rows = attempts.select_related("collection__barber")
    return {
        (row.public_id, row.connection_id): _to_debtor(row)
        for row in rows
        if row.connection_id is not None
    }


def _to_debtor(row: CollectionAttempt) -> Debtor:
    barber = row.collection.barber
    return Debtor(
        barber_id=barber.pk,
        time_zone=barber.time_zone,
        amount=row.amount,
        is_closed=row.state == AttemptState.FAILED,
    )


def follow_debits(movement_ids: Sequence[int], *, by: str, now: datetime) -> None:
    """Let attempts and collections say what these movements, and those before them, have moved.

    Repeatable. What no collection's state can say (a part that was given back, money that comes
    again after another attempt took it) becomes an accrual, and so part of the next collection.
    """
    roots = (
        ExternalTransaction.objects.filter(pk__in=movement_ids)
        .annotate(root_id=Coalesce("sale_id", "pk"))
        .values("root_id")
    )
    charges = ExternalTransaction.objects.filter(
        pk__in=roots, kind=TransactionKind.CHARGE, purpose=Purpose.DEBIT
    )
    for charge in charges.filter(state=TransactionState.COMPLETED).order_by("pk"):
        attempt = (
            CollectionAttempt.objects.select_related("collection")
            .filter(public_id=charge.our_reference, connection_id=charge.connection_id)
            .get()
        )
        _follow(attempt, charge, by, now)


def _follow(
    attempt: CollectionAttempt, charge: ExternalTransaction, by: str, now: datetime
) -> None:
    if attempt.state in OPEN_ATTEMPT_STATES:
        _succeed(attempt, charge, by, now)
    family = _list_family(charge)
    repaid = [one.id for one in family if one.is_repaid]
    accrue_repaid(movement_ids=repaid, now=now)
    facts = DebitFacts(
        attempt=AttemptState(attempt.state),
        collection=CollectionState(attempt.collection.state),
        is_bank_debit=attempt.method == CollectionMethod.BANK_DEBIT,
        movements=tuple(one for one in family if not one.is_repaid),
    )
    _apply(decide_change(facts), attempt, facts, by, now)


def _succeed(
    attempt: CollectionAttempt, charge: ExternalTransaction, by: str, now: datetime
) -> None:
    move(
        attempt,
        AttemptState.SUCCEEDED,
        by=by,
        external_id=charge.group_id,
        settled_at=now,
        **NOTHING_IN_FLIGHT,
    )
    _collect(attempt, by, now, reason="")


def _collect(attempt: CollectionAttempt, by: str, now: datetime, *, reason: str) -> None:
    mark_collected(collection=attempt.collection, attempt=attempt, reason=reason, by=by, now=now)


def _list_family(charge: ExternalTransaction) -> list[Movement]:
    """What went back of a debit and came again, in order of our hearing."""
    accrued = set(
        Accrual.objects.filter(movement__sale=charge).values_list("movement_id", flat=True)
    )
    rows = charge.family.filter(state=TransactionState.COMPLETED).order_by("pk")
    return [
        Movement(
            id=row.pk,
            is_dispute=row.kind in {TransactionKind.DISPUTE, TransactionKind.DISPUTE_WON},
            is_out=row.kind in {TransactionKind.DISPUTE, TransactionKind.REFUND},
            is_whole=row.amount_minor == charge.amount_minor,
            is_accrued=row.pk in accrued,
        )
        for row in rows
    ]


def _apply(
    change: Change, attempt: CollectionAttempt, facts: DebitFacts, by: str, now: datetime
) -> None:
    match change:
        case Change.NOTHING:
            return
        case Change.REPAY:
            accrue_repaid(movement_ids=[facts.last_unsaid.id], now=now)
        case Change.DISPUTE:
            _trouble(attempt, CollectionState.DISPUTED, by, now)
        case Change.RETURN:
            move(attempt, AttemptState.RETURNED, by=by)
            _trouble(attempt, CollectionState.FAILED, by, now)
        case Change.RESTORE:
            if attempt.state == AttemptState.RETURNED:
                move(attempt, AttemptState.SUCCEEDED, by=by)
            _collect(attempt, by, now, reason="The bank gave the money back")


def _trouble(attempt: CollectionAttempt, to: CollectionState, by: str, now: datetime) -> None:
    """The money is gone again: visible, and told."""
    collection = attempt.collection
    words = "The bank took the payment back"
    move(
        collection,
        to,
        by=by,
        reason=words,
        failure_code=to.value if to == CollectionState.DISPUTED else "returned",
        failure_message=words,
        collected_at=None,
        next_attempt_at=None,
    )
    tell_result(collection=collection, now=now, attempt=attempt)
