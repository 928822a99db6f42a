"""Movements of money, as processors state them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from bookedbarber.foundation.money import Money


class MovementKind(StrEnum):
    """What moved the money. The kind says which way: amounts are never negative.

    Into the account: charge, refund_failed, dispute_won, transfer_reversed, bank_payout_failed
    (and whatever else the bank pays in), processor_credit, conversion_in. Out of it: refund,
    dispute (funds withdrawn), transfer (to a connected account), bank_payout, processor_charge
    (fees and reserves of the processor's own, which a processor_credit gives back),
    conversion_out. A conversion takes money in one currency and gives it in another: each side is
    a movement of its own.
    """

    CHARGE = "charge"
    REFUND = "refund"
    REFUND_FAILED = "refund_failed"
    DISPUTE = "dispute"
    DISPUTE_WON = "dispute_won"
    TRANSFER = "transfer"
    TRANSFER_REVERSED = "transfer_reversed"
    BANK_PAYOUT = "bank_payout"
    BANK_PAYOUT_FAILED = "bank_payout_failed"
    PROCESSOR_CHARGE = "processor_charge"
    PROCESSOR_CREDIT = "processor_credit"
    CONVERSION_OUT = "conversion_out"
    CONVERSION_IN = "conversion_in"


class MovementState(StrEnum):
    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


class PaymentMethodKind(StrEnum):
    CARD = "card"
    CASH = "cash"
    BANK = "bank"
    WALLET = "wallet"
    EXTERNAL = "external"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A movement's money, exchanged for another currency, which is what the account holds.

    `taken` is in the movement's currency and `given` in the account's, both after the fee and with
    their sign: below zero for what left the account. `name` is the entry's in its balance.
    """

    name: str
    taken: Money
    given: Money
    occurred_at: datetime
    available_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One movement of money on an account, as its processor states it.

    `external_id` is the object that moved the money (a charge, never its balance transaction);
    `group_id` the object around it (a payment intent), the same id where there is none.
    `amount` is gross and includes `tip`. `fee` is None until the processor names it; it is in
    the amount's currency, also where `conversion` says that the account holds another one.
    `our_reference` is "" where the object carries none that could be ours.
    `parent_external_id` is the movement that this one is about: the charge of a refund or dispute,
    the transfer of a reversal, the refund of a failed one; "" for what stands alone.
    `version` orders statements about one object: a higher one is newer.
    """

    kind: MovementKind
    external_id: str
    group_id: str
    our_reference: str
    state: MovementState
    amount: Money
    tip: Money
    fee: Money | None
    method: PaymentMethodKind
    version: int
    occurred_at: datetime
    available_at: datetime | None
    raw: Mapping[str, Any] = field(repr=False)
    parent_external_id: str = ""
    conversion: Conversion | None = None


def list_sides(movement: Movement) -> list[Movement]:
    """The movement, and the sides of its conversion as movements of their own.

    What has not moved was not converted either.
    """
    conversion = movement.conversion
    if conversion is None:
        return [movement]
    alone = replace(movement, conversion=None)
    if movement.state is not MovementState.COMPLETED:
        return [alone]
    sides = (-conversion.taken, conversion.given)
    return [alone, *(_to_side(movement, conversion, side) for side in sides if side)]


def _to_side(movement: Movement, conversion: Conversion, incoming: Money) -> Movement:
    zero = Money.zero(incoming.currency)
    is_in = incoming > zero
    return Movement(
        kind=MovementKind.CONVERSION_IN if is_in else MovementKind.CONVERSION_OUT,
        external_id=conversion.name,
        group_id=movement.group_id,
        our_reference="",
        state=MovementState.COMPLETED,
        amount=incoming if is_in else -incoming,
        tip=zero,
        fee=zero,
        method=PaymentMethodKind.OTHER,
        version=1,
        occurred_at=conversion.occurred_at,
        available_at=conversion.available_at,
        raw={"balance_transaction": conversion.name, "of": movement.external_id},
    )
