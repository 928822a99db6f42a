"""Differences that a person must look at."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from bookedbarber.foundation.errors import Invalid
from bookedbarber.foundation.transitions import move

from ..models import Discrepancy, ExternalTransaction, PaymentLeg
from ..states import DiscrepancyKind, DiscrepancyState, Purpose


class ReasonMissing(Invalid):
    """reason: say why this is settled."""


def report_unknown_outcome(*, leg: PaymentLeg, explanation: str) -> None:
    """Hand a leg that the processor says nothing about to a person, once."""
    _report_leg(leg, DiscrepancyKind.OUTCOME_UNKNOWN, explanation)


def report_ending_hold(*, leg: PaymentLeg) -> None:
    """Tell a person of a hold that ends before its capture is known, once."""
    _report_leg(
        leg,
        DiscrepancyKind.HOLD_ENDS,
        f"The hold of {leg.amount} ends at {leg.expires_at:%Y-%m-%d %H:%M} UTC and it is not known "
        "to be captured; capture it at the processor, or the sale is undone.",
    )


def _report_leg(leg: PaymentLeg, kind: DiscrepancyKind, explanation: str) -> None:
    Discrepancy.objects.bulk_create(
        [Discrepancy(kind=kind, leg=leg, connection_id=leg.connection_id, explanation=explanation)],
        ignore_conflicts=True,
    )


def report_unexplained(*, movement_ids: Sequence[int]) -> None:
    """Open a discrepancy for each movement that no sale of ours explains, once.

    Call it in the transaction that records the movements.
    """
    unexplained = ExternalTransaction.objects.completed().filter(
        pk__in=movement_ids, purpose=Purpose.UNEXPLAINED
    )
    rows = list(unexplained.order_by("pk"))
    references = [row.our_reference for row in rows if row.our_reference]
    legs = {leg.public_id: leg for leg in PaymentLeg.objects.filter(public_id__in=references)}
    Discrepancy.objects.bulk_create(
        [_build(row, legs.get(row.our_reference)) for row in rows], ignore_conflicts=True
    )


@transaction.atomic
def resolve_discrepancy(
    *, discrepancy: Discrepancy, reason: str, by: str, now: datetime
) -> Discrepancy:
    """Close a discrepancy that a person has settled.

    :raises ReasonMissing: no reason is given.
    :raises TransitionNotAllowed: it is resolved already.
    """
    if not reason.strip():
        raise ReasonMissing(field="reason")
    row = Discrepancy.objects.select_for_update().get(pk=discrepancy.pk)
    move(row, DiscrepancyState.RESOLVED, by=by, reason=reason, resolved_at=now)
    return row


def _build(row: ExternalTransaction, leg: PaymentLeg | None) -> Discrepancy:
    if leg is None:
        kind = DiscrepancyKind.UNEXPLAINED_MOVEMENT
        explanation = f"{row.amount} moved without a reference of ours."
    else:
        kind = DiscrepancyKind.MONEY_ON_CLOSED_LEG
        explanation = f"{row.amount} moved although {leg.public_id} was {leg.state}; refund it."
    return Discrepancy(
        kind=kind,
        leg=leg,
        transaction=row,
        connection_id=row.connection_id,
        explanation=explanation,
    )
