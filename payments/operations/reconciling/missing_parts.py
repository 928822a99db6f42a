"""Captured legs without a movement, and payout entries without their transaction."""

from dataclasses import dataclass
from datetime import datetime

from bookedbarber.foundation.errors import Conflict
from bookedbarber.foundation.money import Money
from processors.contract import (
    Movement,
    MovementKind,
    MovementReads,
    MovementState,
    PaymentMethodKind,
)
from processors.errors import RequestRefused
from processors.registry import can, get_adapter

from ...models import Discrepancy, ExternalTransaction, Payment, PaymentLeg
from ...rules.differences import Figures
from ..movements import MovementFact, record_movements
from ..sending import ask_about
from ..settlement import settle_leg
from ..syncing.followers import hasten_found_legs
from .corrections import CorrectionStale, correct, get_figures
from .linking import has_movement
from .opening import to_json


@dataclass(frozen=True, slots=True)
class Stated:
    """What is known of a payment that its processor does not describe."""

    amount: Money
    tip: Money
    fee: Money | None = None
    reference: str = ""


class NothingThere(Conflict):
    """The processor does not say that it has such a payment."""


def ask_about_leg(*, discrepancy: Discrepancy, by: str, now: datetime) -> None:
    """Ask the processor about a captured leg whose movement is missing, and record its answer.

    No transaction is open.

    :raises NothingThere: it does not know the payment, or it did not answer.
    """
    leg = _get_leg(discrepancy)
    evidence = ask_about(leg, now=now)
    if evidence.movement is None:
        raise NothingThere(evidence.message or None, leg=leg.public_id)
    settle_leg(leg=leg, evidence=evidence, by=by, now=now)


def undo_leg(*, discrepancy: Discrepancy, reason: str, by: str, now: datetime) -> None:
    """Take over that the processor has no payment of a captured leg: it was taken, as it said then,
    and went back. In the caller's transaction.

    :raises CorrectionStale: its money has come meanwhile.
    """
    leg = _get_leg(discrepancy)
    Payment.objects.select_for_update(of=["self"]).get(pk=leg.payment_id)
    if has_movement(leg):
        raise CorrectionStale(leg=leg.public_id)
    stated = Stated(leg.amount, leg.tip, fee=Money.zero(leg.currency), reference=leg.public_id)
    movement = _build(discrepancy, stated)
    record_movements([MovementFact(leg.connection, movement, leg)], by=by, now=now)
    row = ExternalTransaction.objects.get(
        connection=leg.connection, kind=movement.kind, external_id=movement.external_id
    )
    discrepancy.transaction, discrepancy.ours = row, to_json(get_figures(row))
    discrepancy.save(update_fields=["transaction", "ours"])
    correct(discrepancy=discrepancy, reason=reason, by=by, now=now)


def record_entry(*, discrepancy: Discrepancy, by: str, now: datetime) -> None:
    """Record a sale that only a payout names, as its processor describes it when asked: with tip
    and fee. Where it knows no such payment, the payout's figure is all. No transaction is open.

    :raises NothingThere: it says that the payment took no money.
    :raises CredentialsRefused, ProcessorNotReached, AnswerLost: it did not say.
    """
    movement = _ask_about_entry(discrepancy) or _build_entry(discrepancy)
    if movement.state is not MovementState.COMPLETED:
        raise NothingThere(payment=movement.external_id)
    hasten_found_legs(connection=discrepancy.connection, movements=[movement], now=now)
    record_movements([MovementFact(discrepancy.connection, movement)], by=by, now=now)


def _ask_about_entry(discrepancy: Discrepancy) -> Movement | None:
    """None: the processor has none of that name, or cannot be asked."""
    connection = discrepancy.connection
    if not can(connection.processor, MovementReads):
        return None
    account = get_adapter(connection.get_access(), MovementReads)
    try:
        return account.retrieve_movement(discrepancy.external_id)
    except RequestRefused:
        return None


def _build_entry(discrepancy: Discrepancy) -> Movement:
    figures = Figures(**(discrepancy.theirs or {}))
    amount, tip = Money(figures.amount_minor, figures.currency), Money.zero(figures.currency)
    return _build(discrepancy, Stated(amount, tip))


def _get_leg(discrepancy: Discrepancy) -> PaymentLeg:
    legs = PaymentLeg.objects.select_related("connection", "payment__barber")
    return legs.get(pk=discrepancy.leg_id or 0)


def _build(discrepancy: Discrepancy, stated: Stated) -> Movement:
    assert discrepancy.occurred_at is not None  # of every difference that a reconciliation names
    return Movement(
        kind=MovementKind.CHARGE,
        external_id=discrepancy.external_id,
        group_id=discrepancy.external_id,
        our_reference=stated.reference,
        state=MovementState.COMPLETED,
        amount=stated.amount,
        tip=stated.tip,
        fee=stated.fee,
        method=PaymentMethodKind.OTHER,
        version=0,
        occurred_at=discrepancy.occurred_at,
        available_at=discrepancy.occurred_at,
        raw={"discrepancy": discrepancy.public_id},
    )
