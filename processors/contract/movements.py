"""Movements of money, as processors state them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
class Movement:
    """One movement of money on an account, as its processor states it.

    `external_id` is the object that moved the money (a charge, never its balance transaction);
    `group_id` the object around it (a payment intent), the same id where there is none.
    `amount` is gross and includes `tip`. `fee` is None until the processor names it; it is in the
    account's settlement currency, which may not be the amount's.
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
