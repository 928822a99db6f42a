"""What becomes of money that moved on a leg which was closed without it: given back, or not."""

from collections.abc import Sequence
from datetime import datetime

from ..models import Discrepancy, ExternalTransaction
from ..rules.movements import TAKEN_AGAIN_KINDS
from ..states import DiscrepancyKind, Fix
from .discrepancies import build_money_on_closed_leg, close_discrepancy
from .recording.facts import Recorded

_GIVEN_BACK = "It was given back."


def follow_closed_leg_money(changed: Sequence[Recorded], *, by: str, now: datetime) -> None:
    """Settle what is all given back, whoever did it, and report what came back after that.

    `changed` are completed, unexplained movements. Call it in the transaction that records them,
    with their charges locked.
    """
    charge_ids = {row.sale_id for row in changed if row.sale_id is not None}
    if not charge_ids:
        return
    reported = Discrepancy.objects.filter(
        kind=DiscrepancyKind.MONEY_ON_CLOSED_LEG, transaction_id__in=charge_ids
    )
    for first in reported.select_related("transaction", "leg").order_by("transaction_id"):
        assert first.transaction is not None
        if first.transaction.get_left():
            _report_return(first, changed)
        else:
            _settle(first.transaction, by, now)


def _settle(charge: ExternalTransaction, by: str, now: datetime) -> None:
    rows = Discrepancy.objects.open().on_closed_leg(charge).select_for_update(of=["self"])
    for row in rows.order_by("pk"):
        close_discrepancy(discrepancy=row, fix=Fix.REFUND_IT, reason=_GIVEN_BACK, by=by, now=now)


def _report_return(first: Discrepancy, changed: Sequence[Recorded]) -> None:
    """Its discrepancy was settled: what came back is one of its own."""
    charge, leg = first.transaction, first.leg
    assert charge is not None
    assert leg is not None
    back = [row.id for row in changed if row.sale_id == charge.pk and row.kind in TAKEN_AGAIN_KINDS]
    if not back or Discrepancy.objects.open().on_closed_leg(charge).exists():
        return
    movement = ExternalTransaction.objects.get(pk=max(back))
    how = movement.kind.replace("_", " ")
    said = (
        f"{movement.amount} came back ({how}) although {leg.public_id} is {leg.state}; refund it."
    )
    row = build_money_on_closed_leg(movement, leg=leg, explanation=said)
    Discrepancy.objects.bulk_create([row], ignore_conflicts=True)
