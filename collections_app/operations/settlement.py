"""`settle_attempt`: the one function that gives a debit its outcome.

Money is believed in the form of movements only: whoever hears that a debit succeeded records its
movement, and `debit_book.follow_debits`, in the same transaction, lets the attempt say so.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from bookedbarber.foundation.database import retry_transaction
from bookedbarber.foundation.jobs import enqueue_on_commit
from bookedbarber.foundation.transitions import move
from payments.operations.movements import MovementFact, record_movements
from processors.models import Connection

from ..models import CollectionAttempt, PlatformCollection
from ..rules.retries import decide_retry
from ..states import OPEN_ATTEMPT_STATES, AttemptState, CollectionState, FailureClass
from .evidence import Evidence, Outcome
from .notices import tell_result

NOTHING_IN_FLIGHT: dict[str, Any] = {
    "lease_until": None,
    "next_check_at": None,
    "is_unanswered": False,
}


@retry_transaction
def settle_attempt(
    *, attempt: CollectionAttempt, evidence: Evidence, by: str, now: datetime
) -> CollectionAttempt:
    """Bring an attempt, its collection, movement and postings to what the evidence says.

    One transaction; repeating it changes nothing. Money of an attempt that was closed without it
    is recorded and becomes a discrepancy.
    """
    collection = PlatformCollection.objects.select_for_update(of=["self"]).get(
        pk=attempt.collection_id
    )
    row = lock_attempt(attempt)
    if evidence.movement is not None:
        record_movements([MovementFact(_get_account(row), evidence.movement)], by=by, now=now)
        return lock_attempt(attempt)
    if row.state not in OPEN_ATTEMPT_STATES:
        return row
    match evidence.outcome:
        case Outcome.FAILED:
            _settle_failed(row, collection, evidence, by, now)
        case Outcome.PENDING:
            _settle_pending(row, evidence, by, now)
        case _:
            _postpone(row, evidence, by, now)
    return row


def lock_attempt(attempt: CollectionAttempt) -> CollectionAttempt:
    """The row as it stands, its collection being locked."""
    rows = CollectionAttempt.objects.select_for_update(of=["self"])
    return rows.select_related("connection", "mandate", "collection").get(pk=attempt.pk)


def _get_account(attempt: CollectionAttempt) -> Connection:
    account: Connection | None = attempt.connection
    assert account is not None, "what has moved has an account it moved on"
    return account


def _settle_failed(
    row: CollectionAttempt,
    collection: PlatformCollection,
    evidence: Evidence,
    by: str,
    now: datetime,
) -> None:
    failure = evidence.failure or FailureClass.PROCESSOR_TROUBLE
    words = {"failure_code": evidence.code[:100], "failure_message": evidence.message}
    move(
        row,
        AttemptState.FAILED,
        by=by,
        reason=evidence.message or evidence.code,
        external_id=evidence.external_id or row.external_id,
        failure_class=failure,
        settled_at=now,
        **words,
        **NOTHING_IN_FLIGHT,
    )
    _go_on(collection, row, failure, by, now)
    if evidence.is_account_refused:
        enqueue_on_commit("payments.check_connection", connection_id=row.connection_id)


def _go_on(
    collection: PlatformCollection,
    row: CollectionAttempt,
    failure: FailureClass,
    by: str,
    now: datetime,
) -> None:
    """Try again later where that can help, else leave it to people and tell them."""
    schedule = [timedelta(seconds=wait) for wait in settings.COLLECTION_RETRY_SECONDS]
    wait = decide_retry(failure, attempts=collection.attempt_count, schedule=schedule)
    words = {"failure_code": row.failure_code, "failure_message": row.failure_message}
    if wait is not None:
        at = now + wait
        move(collection, CollectionState.DUE, by=by, reason=failure, next_attempt_at=at, **words)
        return
    move(collection, CollectionState.FAILED, by=by, reason=failure, next_attempt_at=None, **words)
    tell_result(collection=collection, now=now, attempt=row)


def _settle_pending(row: CollectionAttempt, evidence: Evidence, by: str, now: datetime) -> None:
    """The bank has it. Its events say how it ends; now and then we ask all the same."""
    changes = {
        **NOTHING_IN_FLIGHT,
        "external_id": evidence.external_id,
        "next_check_at": now + timedelta(seconds=settings.DEBIT_PENDING_SECONDS),
    }
    if row.state == AttemptState.PENDING:
        _change(row, changes)
    else:
        move(row, AttemptState.PENDING, by=by, **changes)


def _postpone(row: CollectionAttempt, evidence: Evidence, by: str, now: datetime) -> None:
    changes = {
        "lease_until": None,
        "next_check_at": row.get_next_check(now=now),
        "is_unanswered": evidence.is_unanswered,
    }
    if row.state == AttemptState.SUBMITTED:
        move(row, AttemptState.UNKNOWN, by=by, reason=evidence.message, **changes)
    else:
        _change(row, changes)


def _change(row: CollectionAttempt, changes: dict[str, Any]) -> None:
    CollectionAttempt.objects.filter(pk=row.pk).update(**changes)
    for name, value in changes.items():
        setattr(row, name, value)
