"""Debits whose outcome is not known yet: found, asked about, settled, or closed by a person."""

from datetime import datetime

from django.db import transaction

from bookedbarber.foundation.errors import Conflict
from payments.operations.discrepancies import open_discrepancy
from payments.operations.questioning import Questions, find_lost, settle_due
from payments.states import DiscrepancyKind

from ..models import CollectionAttempt, PlatformCollection
from ..states import AttemptState, FailureClass
from .debit_sending import ask_about_attempt
from .evidence import Evidence, Outcome, fail, know_nothing
from .reasons import check_reason
from .settlement import lock_attempt, settle_attempt

BY = "job:collections.settle_unknown_attempts"


class AttemptNotUnknown(Conflict):
    """The outcome of this attempt is known, or will be."""


class MayStillBeDebited(Conflict):
    """It may still be repeated under its key, so nobody can say that it was never made."""


def mark_lost_attempts(*, now: datetime) -> int:
    """Call attempts unknown whose lease is over without an outcome. Returns how many."""
    lost = find_lost(_ATTEMPTS, now=now)
    evidence = know_nothing("The worker ended before the processor's answer")
    for attempt in lost:
        settle_attempt(attempt=attempt, evidence=evidence, by=BY, now=now)
    return len(lost)


def settle_unknown_attempts(*, now: datetime) -> int:
    """Ask about every attempt that is due, bank debits under way included. Returns how many."""
    return settle_due(_ATTEMPTS, now=now)


def ask_again(*, attempt: CollectionAttempt, by: str, now: datetime) -> CollectionAttempt:
    """Ask the processor about an attempt now, whatever its schedule says.

    :raises AttemptNotUnknown: its outcome is known.
    """
    if attempt.state not in {AttemptState.UNKNOWN, AttemptState.PENDING}:
        raise AttemptNotUnknown(state=str(attempt.state))
    _settle(attempt, ask_about_attempt(attempt=attempt, now=now), now, by=by)
    attempt.refresh_from_db()
    return attempt


@transaction.atomic
def close_unmade_attempt(
    *, attempt: CollectionAttempt, reason: str, by: str, now: datetime
) -> CollectionAttempt:
    """Let an attempt fail that a person has not found at the processor.

    :raises ReasonMissing: nobody says why.
    :raises AttemptNotUnknown: its outcome is known, or the processor has accepted it.
    :raises MayStillBeDebited: the processor still knows its key, so a sweeper may repeat it.
    """
    check_reason(reason)
    PlatformCollection.objects.select_for_update(of=["self"]).get(pk=attempt.collection_id)
    row = lock_attempt(attempt)
    if row.state != AttemptState.UNKNOWN or row.external_id:
        raise AttemptNotUnknown(state=str(row.state))
    if row.is_repeatable(now=now):
        raise MayStillBeDebited()
    evidence = fail(FailureClass.PROCESSOR_TROUBLE, code="not_made", message=reason)
    return settle_attempt(attempt=row, evidence=evidence, by=by, now=now)


def _ask(attempt: CollectionAttempt, now: datetime, _since: datetime) -> Evidence:
    """The list of a customer's debits is his alone, so there is none that could serve several."""
    return ask_about_attempt(attempt=attempt, now=now)


def _settle(attempt: CollectionAttempt, evidence: Evidence, now: datetime, *, by: str = BY) -> None:
    row = settle_attempt(attempt=attempt, evidence=evidence, by=by, now=now)
    is_hopeless = row.state == AttemptState.UNKNOWN and not row.is_repeatable(now=now)
    if evidence.outcome == Outcome.UNKNOWN and is_hopeless:
        report_unknown_attempt(attempt=row)


def report_unknown_attempt(*, attempt: CollectionAttempt) -> None:
    """Hand an attempt that the processor says nothing about to a person, once."""
    explanation = (
        f"Nobody knows whether the debit {attempt.public_id} of {attempt.amount} was made: the "
        "processor does not list it, and repeating it could debit twice. Look for it there; if it "
        "was never made, close the attempt with a reason."
    )
    assert attempt.connection_id is not None, "a debit has an account it was made on"
    open_discrepancy(
        DiscrepancyKind.DEBIT_UNKNOWN,
        connection_id=attempt.connection_id,
        movement_kind="debit",
        external_id=attempt.public_id,
        explanation=explanation,
    )


_ATTEMPTS: Questions[CollectionAttempt, Evidence] = Questions(
    name="attempts",
    in_flight=CollectionAttempt.objects.in_flight(),
    open=CollectionAttempt.objects.asked_about().select_related(
        "connection", "mandate", "collection"
    ),
    connection="connection",
    ask=_ask,
    settle=_settle,
)
