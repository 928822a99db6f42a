"""Differences about payouts that a person must look at."""

from collections.abc import Sequence
from datetime import datetime

from bookedbarber.foundation.money import Money
from bookedbarber.foundation.transitions import move_all

from ..models import Discrepancy, Payout, PayoutLine
from ..states import DiscrepancyKind, DiscrepancyState
from .discrepancies import open_discrepancy


def report_unknown_payout(*, payout: Payout) -> None:
    """Hand a payout that the processor says nothing about to a person, once."""
    open_discrepancy(
        DiscrepancyKind.OUTCOME_UNKNOWN,
        connection_id=payout.connection_id,
        payout_id=payout.pk,
        explanation=(
            f"The processor was asked for a day and did not say what became of {payout.amount}. "
            "Look for it there: link it, or close the payout as never made."
        ),
    )


def report_money_on_closed_payout(*, payout: Payout, amount: Money) -> None:
    """Say that a payout which had failed was made after all, once."""
    open_discrepancy(
        DiscrepancyKind.MONEY_ON_CLOSED_PAYOUT,
        connection_id=payout.connection_id,
        payout_id=payout.pk,
        explanation=(
            f"{amount} was transferred although {payout.public_id} had failed and its lines were "
            "freed. It counts as an advance: the next payouts are smaller by it."
        ),
    )


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
