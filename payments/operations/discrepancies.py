"""Differences that a person must look at."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from bookedbarber.foundation.errors import Invalid
from bookedbarber.foundation.money import Money
from bookedbarber.foundation.transitions import move, move_all

from ..models import Discrepancy, ExternalTransaction, PaymentLeg, Payout, PayoutLine
from ..states import DiscrepancyKind, DiscrepancyState, Purpose


class ReasonMissing(Invalid):
    """reason: say why this is settled."""


def report_unknown_outcome(*, leg: PaymentLeg, explanation: str) -> None:
    """Hand a leg that the processor says nothing about to a person, once."""
    Discrepancy.objects.bulk_create(
        [
            Discrepancy(
                kind=DiscrepancyKind.OUTCOME_UNKNOWN,
                leg=leg,
                connection_id=leg.connection_id,
                explanation=explanation,
            )
        ],
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


def report_unknown_payout(*, payout: Payout) -> None:
    """Hand a payout that the processor says nothing about to a person, once."""
    explanation = (
        f"The processor was asked for a day and did not say what became of {payout.amount}. "
        "Look for it there: link it, or close the payout as never made."
    )
    _report_payout(payout, DiscrepancyKind.OUTCOME_UNKNOWN, explanation)


def report_money_on_closed_payout(*, payout: Payout, amount: Money) -> None:
    """Say that a payout which had failed was made after all, once."""
    explanation = (
        f"{amount} was transferred although {payout.public_id} had failed and its lines were "
        "freed. It counts as an advance: the next payouts are smaller by it."
    )
    _report_payout(payout, DiscrepancyKind.MONEY_ON_CLOSED_PAYOUT, explanation)


def report_unknown_fees(*, payout_ids: Sequence[int]) -> None:
    """Open a discrepancy for each sale that these payouts pay less an estimated fee, once."""
    lines = PayoutLine.objects.filter(payout_id__in=payout_ids, withheld_minor__gt=0)
    Discrepancy.objects.bulk_create(
        [_build_fee_unknown(line) for line in lines.select_related("movement").order_by("pk")],
        ignore_conflicts=True,
    )


def resolve_known_fees(*, payout_ids: Sequence[int], by: str, now: datetime) -> None:
    """Close those whose fee is known and a line of these payouts."""
    lines = PayoutLine.objects.filter(payout_id__in=payout_ids, withheld_minor__lt=0)
    rows = Discrepancy.objects.open().filter(
        kind=DiscrepancyKind.FEE_UNKNOWN, transaction_id__in=lines.values("movement_id")
    )
    reason = "The fee is known and part of a payout."
    move_all(list(rows), DiscrepancyState.RESOLVED, by=by, reason=reason, resolved_at=now)


def _report_payout(payout: Payout, kind: DiscrepancyKind, explanation: str) -> None:
    Discrepancy.objects.bulk_create(
        [
            Discrepancy(
                kind=kind,
                payout=payout,
                connection_id=payout.connection_id,
                explanation=explanation,
            )
        ],
        ignore_conflicts=True,
    )


def _build_fee_unknown(line: PayoutLine) -> Discrepancy:
    movement = line.movement
    assert movement is not None  # only a sale's line withholds
    return Discrepancy(
        kind=DiscrepancyKind.FEE_UNKNOWN,
        transaction=movement,
        connection_id=movement.connection_id,
        explanation=(
            f"The processor has not named its fee for {movement.amount}; {line.withheld} was "
            "withheld as an estimate."
        ),
    )
