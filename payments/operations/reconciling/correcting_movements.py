"""Movements of our own that correct others: what they are about, and what follows from them."""

from dataclasses import dataclass
from datetime import datetime

from processors.contract import (
    Movement,
    MovementKind,
    MovementState,
    PaymentMethodKind,
    RefundState,
    RefundStatement,
)

from ...models import Discrepancy, ExternalTransaction, Payment
from ...rules.corrections import Part
from ...rules.movements import DISPUTE_KINDS, PARENT_KINDS
from ...states import TransactionKind
from ..disputes import update_disputed_amounts
from ..movements import MovementFact, record_movements
from ..refund_news import note_refund
from ..transfers import follow_reversals

_K = TransactionKind
_STATES = {_K.REFUND: RefundState.SUCCEEDED, _K.REFUND_FAILED: RefundState.FAILED}


@dataclass(frozen=True, slots=True)
class Correcting:
    """A movement of this kind that takes `part` of `target` back, or adds it."""

    kind: TransactionKind
    target: ExternalTransaction
    part: Part
    discrepancy: Discrepancy

    @property
    def name(self) -> str:
        way = "added" if self.kind == self.target.kind else "taken_back"
        return f"{self.target.external_id}:{self.discrepancy.public_id}:{way}"

    @property
    def parent_name(self) -> str:
        """What it is about: the target, what that one is about, or its sale; "" for nothing."""
        needed, target = PARENT_KINDS.get(self.kind), self.target
        if needed is None:
            return ""
        if needed == target.kind:
            return target.external_id
        if PARENT_KINDS.get(TransactionKind(target.kind)) == needed:
            return target.parent_external_id
        return target.sale.external_id if target.sale is not None else ""

    def build_movement(self) -> Movement:
        """At the moment of what it corrects, so on the terms of that day."""
        target, part = self.target, self.part
        return Movement(
            kind=MovementKind(self.kind.value),
            external_id=self.name,
            group_id=target.group_id if self.parent_name else self.name,
            our_reference="",
            state=MovementState.COMPLETED,
            amount=part.amount,
            tip=part.tip,
            fee=part.fee,
            method=PaymentMethodKind(target.method),
            version=1,
            occurred_at=target.occurred_at,
            available_at=target.available_at,
            raw={"correction": self.discrepancy.public_id, "of": target.external_id},
            parent_external_id=self.parent_name,
        )


def record_correcting(correcting: Correcting, *, by: str, now: datetime) -> ExternalTransaction:
    """Record it with all that follows: refunds that payments count, disputed amounts, reversals.

    In the caller's transaction.
    """
    movement, connection = correcting.build_movement(), correcting.target.connection
    if correcting.kind in _STATES:
        statement = _build_statement(correcting, movement)
        note_refund(connection=connection, statement=statement, by=by, now=now)
    elif correcting.kind in DISPUTE_KINDS:
        _record_of_dispute(correcting, movement, by=by, now=now)
    else:
        record_movements([MovementFact(connection, movement)], by=by, now=now)
    if correcting.kind == _K.TRANSFER_REVERSED:
        follow_reversals(by=by)
    return ExternalTransaction.objects.select_related("connection").get(
        connection=connection, kind=movement.kind, external_id=movement.external_id
    )


def _build_statement(correcting: Correcting, movement: Movement) -> RefundStatement:
    """A refund of its own, or the failure of the one that it is about."""
    is_failure = correcting.kind == _K.REFUND_FAILED
    return RefundStatement(
        state=_STATES[correcting.kind],
        external_id=movement.parent_external_id if is_failure else movement.external_id,
        payment_external_id=movement.group_id,
        amount=movement.amount,
        occurred_at=movement.occurred_at,
        reason=f"Corrected: {correcting.discrepancy.public_id}",
        movements=(movement,),
        version=movement.version,
    )


def _record_of_dispute(
    correcting: Correcting, movement: Movement, *, by: str, now: datetime
) -> None:
    payment_id = correcting.target.payment_id
    if payment_id is not None:
        # Locks are taken in one order: the payment, then what hangs on it.
        Payment.objects.select_for_update(no_key=True, of=["self"]).get(pk=payment_id)
    record_movements([MovementFact(correcting.target.connection, movement)], by=by, now=now)
    if payment_id is not None:
        update_disputed_amounts(payment_ids=[payment_id])
