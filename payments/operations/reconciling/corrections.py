"""Taking the processor's word over, by movements beside the one that it is about."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import connection as database

from bookedbarber.foundation.errors import Conflict

from ...models import Correction, Discrepancy, ExternalTransaction
from ...rules.corrections import OPPOSITES, WHOLE_KINDS, Part, plan_correction
from ...rules.differences import Figures
from ...states import Purpose, TransactionKind
from ..explanations import explain_movement
from .correcting_movements import Correcting, record_correcting

_LEFT = """
SELECT t.amount_minor - coalesce(sum(CASE WHEN f.kind IN ('refund', 'dispute')
  THEN f.amount_minor ELSE -f.amount_minor END), 0)
FROM payments_externaltransaction t LEFT JOIN payments_externaltransaction f
  ON f.sale_id = t.id AND f.state = 'completed'
WHERE t.id = %(movement)s GROUP BY t.id
"""


class CorrectionStale(Conflict):
    """Our record is not what the difference was found in any more; reconcile again."""


def correct(*, discrepancy: Discrepancy, reason: str, by: str, now: datetime) -> Correction:
    """Bring what is recorded to the processor's word, in the transaction that settles it.

    On a leg of ours what goes back is a refund that its payment counts. What is added to a sale on
    the platform's account, or to a transfer, is explained as one of the same barber. A refund or a
    movement of a dispute is told anew as a whole.

    :raises CorrectionStale: the record has changed, or more would go back at once than is left of
        it, or of one earlier correction.
    """
    row = discrepancy.transaction
    if row is None:
        raise CorrectionStale("There is no record to correct")
    ours = get_figures(row)
    if ours != Figures(**(discrepancy.ours or {})):
        raise CorrectionStale(external_id=row.external_id)
    theirs = None if discrepancy.theirs is None else Figures(**discrepancy.theirs)
    plan = plan_correction(ours, theirs, is_whole=row.kind in WHOLE_KINDS)
    taken_back = added = None
    if plan.taken_back is not None:
        taken_back = _take_back(row, plan.taken_back, discrepancy, reason=reason, by=by, now=now)
    if plan.added is not None:
        added = _add(row, plan.added, discrepancy, reason=reason, by=by, now=now)
    gone = replace(ours, state="")
    return Correction.objects.create(
        discrepancy=discrepancy,
        transaction=row,
        taken_back=taken_back,
        added=added,
        made_by=by,
        made_at=now,
        **_to_columns(theirs or gone),
    )


def get_figures(row: ExternalTransaction) -> Figures:
    """What a movement counts as: its last correction, else what is recorded."""
    last = row.corrections.order_by("-pk").first()
    said: ExternalTransaction | Correction = last or row
    return Figures(said.state, said.amount_minor, said.tip_minor, said.fee_minor, said.currency)


def _to_columns(figures: Figures) -> dict[str, Any]:
    return {
        "state": figures.state,
        "amount_minor": figures.amount_minor,
        "tip_minor": figures.tip_minor,
        "fee_minor": figures.fee_minor,
        "currency": figures.currency,
    }


def _take_back(
    row: ExternalTransaction,
    part: Part,
    discrepancy: Discrepancy,
    *,
    reason: str,
    by: str,
    now: datetime,
) -> ExternalTransaction:
    target = _choose_target(row, part.amount.amount_minor)
    correcting = Correcting(OPPOSITES[TransactionKind(row.kind)], target, part, discrepancy)
    return _explain(record_correcting(correcting, by=by, now=now), target, reason, by, now)


def _choose_target(row: ExternalTransaction, minor: int) -> ExternalTransaction:
    """What of the movement, and of what earlier corrections added to it, goes back."""
    if row.kind == TransactionKind.CHARGE:
        return _choose_charge(row, minor)
    last = row.corrections.select_related("added__connection").order_by("-pk").first()
    is_told_anew = row.kind in WHOLE_KINDS and last is not None and last.added is not None
    return last.added if is_told_anew else row  # type: ignore[union-attr, return-value]


def _choose_charge(row: ExternalTransaction, minor: int) -> ExternalTransaction:
    """The sale itself, or what an earlier correction added to it: the newest with enough left."""
    added = ExternalTransaction.objects.select_related("connection").order_by("-pk")
    candidates: list[ExternalTransaction] = [*added.filter(adds_to__transaction=row), row]
    for one in candidates:
        if _get_left(one) >= minor:
            return one
    raise CorrectionStale(
        "More would go back than is left of the sale", external_id=row.external_id
    )


def _get_left(row: ExternalTransaction) -> int:
    with database.cursor() as cursor:
        cursor.execute(_LEFT, {"movement": row.pk})
        return int(cursor.fetchone()[0])


def _add(
    row: ExternalTransaction,
    part: Part,
    discrepancy: Discrepancy,
    *,
    reason: str,
    by: str,
    now: datetime,
) -> ExternalTransaction:
    correcting = Correcting(TransactionKind(row.kind), row, part, discrepancy)
    return _explain(record_correcting(correcting, by=by, now=now), row, reason, by, now)


def _explain(
    made: ExternalTransaction, of: ExternalTransaction, reason: str, by: str, now: datetime
) -> ExternalTransaction:
    """A sale or transfer that stands alone is the barber's whose sale or payout it corrects."""
    is_alone = made.purpose == Purpose.UNEXPLAINED and made.parent_id is None
    is_known = of.is_sale or of.purpose == Purpose.PAYOUT
    if is_alone and is_known and of.barber is not None:
        return explain_movement(movement=made, barber=of.barber, reason=reason, by=by, now=now)
    return made
