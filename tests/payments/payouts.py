"""What tests about payouts share: sales that are owed, accounts to pay to, transfers as stated."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.money import Money
from payments.models import Payout, PayoutDestination
from payments.operations.payout_settlement import PayoutEvidence, PayoutOutcome, settle_payout
from payments.operations.payouts import create_payouts, list_due
from payments.queries.payables import Payable, list_payables
from payments.states import FailureKind
from processors.contract import (
    Movement,
    MovementKind,
    MovementState,
    PaymentMethodKind,
    TransferState,
    TransferStatement,
)
from processors.models import Connection
from processors.states import ConnectionRole
from tests import factories
from tests.payments.books import BY, NOON, charge, create_leg, record, usd

LATER = NOON + timedelta(days=7)

_numbers = count(1)


def create_destination(barber: Barber, **fields: Any) -> PayoutDestination:
    """An account that receives; without a simulator behind it."""
    connection = factories.create_connection(
        barber,
        role=ConnectionRole.PAYOUT_DESTINATION,
        processor="stripe",
        account_id=f"acct_barber{next(_numbers)}",
        abilities=[],
    )
    defaults: dict[str, Any] = {
        "environment": "sandbox",
        "can_receive": True,
        "pays_to_bank": True,
        "checked_at": NOON,
    }
    return PayoutDestination.objects.create(
        barber=barber, connection=connection, **(defaults | fields)
    )


def sell(
    platform: Connection,
    barber: Barber,
    minor: int = 75_00,
    *,
    fee_minor: int | None = 2_48,
    available_at: datetime | None = NOON,
    **fields: Any,
) -> Movement:
    """A central sale at 20 % whose money is available at noon. Returns its movement."""
    leg = create_leg(platform, barber, amount=usd(minor))
    fee = None if fee_minor is None else usd(fee_minor)
    movement = charge(
        our_reference=leg.public_id,
        amount=usd(minor),
        fee=fee,
        available_at=available_at,
        **fields,
    )
    record(platform, movement)
    return movement


def find_payable(barber: Barber, *, now: datetime = LATER) -> Payable | None:
    return next(iter(list_payables(now=now, barber_ids=[barber.pk])), None)


def get_payable(barber: Barber, *, now: datetime = LATER) -> Payable:
    found = find_payable(barber, now=now)
    assert found is not None
    return found


def reserve(barber: Barber, *, now: datetime = LATER) -> Payout:
    """The payout that is due, claimed and not sent."""
    due = list_due(now=now, barber_ids=[barber.pk])
    (payout,) = create_payouts(due=due, by=BY, now=now)
    return payout


def state_transfer(payout: Payout, *back_minor: int) -> TransferStatement:
    """The payout's transfer as Stripe states it, after these amounts were reversed."""
    name = f"tr_{payout.public_id.removeprefix('pyo_')}"
    total_back = usd(sum(back_minor))
    state = TransferState.PARTLY_REVERSED if back_minor else TransferState.PAID
    if total_back == payout.amount:
        state = TransferState.REVERSED
    reversals = (
        _move(MovementKind.TRANSFER_REVERSED, f"trr_{number}_{name}", usd(minor), payout, name)
        for number, minor in enumerate(back_minor)
    )
    return TransferStatement(
        state=state,
        external_id=name,
        our_reference=payout.public_id,
        destination=payout.destination.account_id,
        destination_payment=f"py_{name}",
        amount=payout.amount,
        reversed=total_back,
        movements=(_move(MovementKind.TRANSFER, name, payout.amount, payout, ""), *reversals),
    )


def pay(payout: Payout, *back_minor: int, now: datetime = LATER) -> Payout:
    statement = state_transfer(payout, *back_minor)
    evidence = PayoutEvidence(outcome=PayoutOutcome.PAID, statement=statement)
    return settle_payout(payout=payout, evidence=evidence, by=BY, now=now)


def refuse(payout: Payout, *, now: datetime = LATER) -> Payout:
    evidence = PayoutEvidence(
        outcome=PayoutOutcome.FAILED,
        failure_kind=FailureKind.REFUSED,
        code="balance_insufficient",
        message="There is not enough",
    )
    return settle_payout(payout=payout, evidence=evidence, by=BY, now=now)


def lose_answer(payout: Payout, *, now: datetime = LATER) -> Payout:
    evidence = PayoutEvidence(outcome=PayoutOutcome.UNKNOWN, message="no answer")
    return settle_payout(payout=payout, evidence=evidence, by=BY, now=now)


def _move(
    kind: MovementKind, external_id: str, amount: Money, payout: Payout, parent: str
) -> Movement:
    return Movement(
        kind=kind,
        external_id=external_id,
        group_id=parent or external_id,
        our_reference=payout.public_id,
        state=MovementState.COMPLETED,
        amount=amount,
        tip=usd(0),
        fee=usd(0),
        method=PaymentMethodKind.OTHER,
        version=1,
        occurred_at=LATER,
        available_at=None,
        raw={"id": external_id},
        parent_external_id=parent,
    )
