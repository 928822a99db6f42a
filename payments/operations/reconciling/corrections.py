"""Taking the processor's word over, by movements beside the one that it is about."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import connection as database

from bookedbarber.foundation.errors import Conflict
from processors.contract import (
    Movement,
    MovementKind,
    MovementState,
    PaymentMethodKind,
    RefundState,
    RefundStatement,
)

from ...models import Correction, Discrepancy, ExternalTransaction
from ...rules.corrections import OPPOSITES, Part, plan_correction
from ...rules.differences import Figures
from ...states import Purpose, TransactionKind
from ..explanations import explain_movement
from ..movements import MovementFact, record_movements
from ..refund_news import note_refund

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
    the platform's account is explained as one of the same barber.

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
    plan = plan_correction(ours, theirs)
    taken_back = added = None
    if plan.taken_back is not None:
        taken_back = _take_back(row, plan.taken_back, discrepancy, by=by, now=now)
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
    row: ExternalTransaction, part: Part, discrepancy: Discrepancy, *, by: str, now: datetime
) -> ExternalTransaction:
    kind = OPPOSITES[TransactionKind(row.kind)]
    is_charge = row.kind == TransactionKind.CHARGE
    if is_charge:
        row = _choose(row, part.amount.amount_minor)
    movement = _build(row, part, discrepancy, MovementKind(kind.value), is_about=is_charge)
    if not is_charge:
        record_movements([MovementFact(row.connection, movement)], by=by, now=now)
        return _find(row, movement)
    statement = RefundStatement(
        state=RefundState.SUCCEEDED,
        external_id=movement.external_id,
        payment_external_id=row.group_id,
        amount=movement.amount,
        occurred_at=movement.occurred_at,
        reason=f"Corrected: {discrepancy.public_id}",
        movements=(movement,),
        version=movement.version,
    )
    note_refund(connection=row.connection, statement=statement, by=by, now=now)
    return _find(row, movement)


def _choose(row: ExternalTransaction, minor: int) -> ExternalTransaction:
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
    movement = _build(row, part, discrepancy, MovementKind(row.kind), is_about=False)
    record_movements([MovementFact(row.connection, movement)], by=by, now=now)
    added = _find(row, movement)
    if added.purpose == Purpose.UNEXPLAINED and row.is_sale and row.barber is not None:
        explain_movement(movement=added, barber=row.barber, reason=reason, by=by, now=now)
    return added


def _build(
    row: ExternalTransaction,
    part: Part,
    discrepancy: Discrepancy,
    kind: MovementKind,
    *,
    is_about: bool,
) -> Movement:
    """At the moment of what it corrects, so on the terms of that day."""
    way = "taken_back" if kind.value != row.kind else "added"
    name = f"{row.external_id}:{discrepancy.public_id}:{way}"
    return Movement(
        kind=kind,
        external_id=name,
        group_id=row.group_id if is_about else name,
        our_reference="",
        state=MovementState.COMPLETED,
        amount=part.amount,
        tip=part.tip,
        fee=part.fee,
        method=PaymentMethodKind(row.method),
        version=1,
        occurred_at=row.occurred_at,
        available_at=row.available_at,
        raw={"correction": discrepancy.public_id, "of": row.external_id},
        parent_external_id=row.external_id if is_about else "",
    )


def _find(row: ExternalTransaction, movement: Movement) -> ExternalTransaction:
    return ExternalTransaction.objects.get(
        connection_id=row.connection_id, kind=movement.kind, external_id=movement.external_id
    )
