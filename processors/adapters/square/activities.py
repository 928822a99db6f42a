"""Square's payouts and their entries: which movement of ours each of them is. Pure.

Source of the words: the enumeration ActivityType of Square's OpenAPI specification,
https://developer.squareup.com/reference/square/enums/ActivityType
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bookedbarber.foundation.money import LARGEST_MINOR, Money
from processors.adapters.square.translate import get_id, get_money
from processors.contract import Mention, Movement, MovementKind, MovementState, PaymentMethodKind
from processors.transport.answers import (
    check,
    find_code,
    find_mapping,
    find_text,
    get_mapping,
    get_moment_of_text,
    mask,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# The balance goes down when a dispute is filed and up again when it is won.
OF_DISPUTES = frozenset({"DISPUTE", "OPEN_DISPUTE"})

# What Square takes and gives back itself; the sign says which.
OF_SQUARE = frozenset({
    "ADJUSTMENT", "APP_FEE_REFUND", "APP_FEE_REVENUE", "DEPOSIT_FEE", "DEPOSIT_FEE_REVERSED",
    "ESCHEATMENT", "FEE", "FREE_PROCESSING", "GIFT_CARD_LOAD_FEE", "GIFT_CARD_LOAD_FEE_REFUND",
    "LOCAL_OFFERS_CASHBACK", "LOCAL_OFFERS_FEE", "OTHER", "OTHER_ADJUSTMENT", "PAID_SERVICE_FEE",
    "PAID_SERVICE_FEE_REFUND", "REDEMPTION_CODE", "RESERVE_HOLD", "RESERVE_RELEASE",
    "SUBSCRIPTION_FEE", "SUBSCRIPTION_FEE_PAID_REFUND", "SUBSCRIPTION_FEE_REFUND", "TAX_ON_FEE",
    "THIRD_PARTY_FEE", "THIRD_PARTY_FEE_REFUND", "UNDO_GIFT_CARD_LOAD_FEE_REFUND",
})  # fmt: skip

# Said by the payment, the refund or the payout itself, fees included.
SAID_ELSEWHERE = frozenset({
    "CHARGE", "PAYOUT", "PROCESSING_FEE", "PROCESSING_FEE_REFUND", "REFUND", "RETURNED_PAYOUT",
    "UNDO_PROCESSING_FEE_REFUND",
})  # fmt: skip

# The seller's own money on its way between places of his own, and what he owes for a loan.
OF_THE_SELLER = frozenset({
    "AUTOMATIC_BITCOIN_CONVERSIONS", "AUTOMATIC_BITCOIN_CONVERSIONS_REVERSED",
    "AUTOMATIC_SAVINGS", "AUTOMATIC_SAVINGS_REVERSED", "BALANCE_FOLDERS_TRANSFER",
    "BALANCE_FOLDERS_TRANSFER_REVERSED", "CREDIT_CARD_REPAYMENT",
    "CREDIT_CARD_REPAYMENT_REVERSED", "GIFT_CARD_POOL_TRANSFER",
    "GIFT_CARD_POOL_TRANSFER_REVERSED", "HOLD_ADJUSTMENT", "INITIAL_BALANCE_CHANGE",
    "MONEY_TRANSFER", "MONEY_TRANSFER_REVERSAL", "PERCENTAGE_PROCESSING_DEACTIVATION",
    "PERCENTAGE_PROCESSING_ENROLLMENT", "PERCENTAGE_PROCESSING_REPAYMENT",
    "PERCENTAGE_PROCESSING_REPAYMENT_REVERSED", "RELEASE_ADJUSTMENT", "SQUARE_CAPITAL_PAYMENT",
    "SQUARE_CAPITAL_REVERSED_PAYMENT", "SQUARE_PAYROLL_TRANSFER",
    "SQUARE_PAYROLL_TRANSFER_REVERSED",
})  # fmt: skip

# Where an entry names what it is of.
_MENTIONS = {
    "CHARGE": (MovementKind.CHARGE, "type_charge_details", "payment_id"),
    "REFUND": (MovementKind.REFUND, "type_refund_details", "refund_id"),
}

NOT_USED = SAID_ELSEWHERE | OF_THE_SELLER


def find_unused(entry: Mapping[str, Any]) -> str:
    """Name why a payout entry is no movement of its own; "" where it is one."""
    activity = find_code(entry, "type")
    if activity in NOT_USED:
        return activity.lower()
    is_nothing = find_mapping(entry, "gross_amount_money").get("amount") == 0
    return f"{activity.lower()}_of_nothing" if is_nothing else ""


def find_mention(entry: Mapping[str, Any]) -> Mention | None:
    """The payment or refund that an entry is of; its own list describes it.

    :raises NotUnderstood: it says what we cannot read.
    """
    place = _MENTIONS.get(find_code(entry, "type"))
    if place is None:
        return None
    kind, details, field = place
    name = find_text(find_mapping(entry, details), field)
    if not name:
        return None
    gross = _get_signed(entry, "gross_amount_money")
    return Mention(
        kind=kind,
        external_id=name,
        amount=Money(abs(gross.amount_minor), gross.currency),
        occurred_at=get_moment_of_text(entry, "effective_at"),
    )


def to_entry_movement(entry: Mapping[str, Any]) -> Movement:
    """Read a payout entry. An activity that no table names counts as Square's own.

    :raises NotUnderstood: it is none, or one that says what we cannot read.
    """
    gross = _get_signed(entry, "gross_amount_money")
    activity = find_code(entry, "type")
    if activity in OF_DISPUTES:
        details = find_mapping(entry, f"type_{activity.lower()}_details")
        out, back = MovementKind.DISPUTE, MovementKind.DISPUTE_WON
    else:
        details = {}
        out, back = MovementKind.PROCESSOR_CHARGE, MovementKind.PROCESSOR_CREDIT
    return _build(
        entry,
        kind=out if gross.amount_minor < 0 else back,
        external_id=get_id(entry),
        group_id=find_text(details, "dispute_id"),
        parent=find_text(details, "payment_id"),
        amount=Money(abs(gross.amount_minor), gross.currency),
        fee=_find_fee(entry, gross.currency),
        occurred_at=get_moment_of_text(entry, "effective_at"),
    )


def to_payout_movements(payout: Mapping[str, Any]) -> list[Movement]:
    """Read a payout: money to the bank, and back where it failed. One with a negative amount
    takes money from the bank.

    :raises NotUnderstood: it is none, or one that says what we cannot read.
    """
    status = find_code(payout, "status")
    check(status in {"SENT", "PAID", "FAILED"}, "status")
    signed = _get_signed(payout, "amount_money")
    amount = Money(abs(signed.amount_minor), signed.currency)
    out, back = MovementKind.BANK_PAYOUT, MovementKind.BANK_PAYOUT_FAILED
    if signed.amount_minor < 0:
        out, back = back, out
    name, occurred_at = get_id(payout), get_moment_of_text(payout, "created_at")
    zero = Money.zero(amount.currency)
    moved = _build(
        payout, kind=out, external_id=name, amount=amount, fee=zero, occurred_at=occurred_at
    )
    if status != "FAILED":
        return [moved]
    returned = _build(
        payout,
        kind=back,
        external_id=f"{name}:failed",
        group_id=name,
        parent=name,
        amount=amount,
        fee=zero,
        occurred_at=get_moment_of_text(payout, "updated_at"),
    )
    return [moved, returned]


def _build(
    obj: Mapping[str, Any],
    *,
    kind: MovementKind,
    external_id: str,
    amount: Money,
    fee: Money,
    occurred_at: datetime,
    group_id: str = "",
    parent: str = "",
) -> Movement:
    return Movement(
        kind=kind,
        external_id=external_id,
        group_id=group_id or external_id,
        our_reference="",
        state=MovementState.COMPLETED,
        amount=amount,
        tip=Money.zero(amount.currency),
        fee=fee,
        method=PaymentMethodKind.OTHER,
        version=_get_version(obj),
        occurred_at=occurred_at,
        available_at=None,
        raw=mask(obj),
        parent_external_id=parent,
    )


def _get_signed(obj: Mapping[str, Any], field: str) -> Money:
    """Read money of a payout, whose currency Square's examples call `currency_code`."""
    money = get_mapping(obj, field)
    named = {**money, "currency": money.get("currency") or money.get("currency_code")}
    return get_money({field: named}, field, least=-LARGEST_MINOR)


def _find_fee(entry: Mapping[str, Any], currency: str) -> Money:
    if entry.get("fee_amount_money") is None:
        return Money.zero(currency)
    fee = _get_signed(entry, "fee_amount_money")
    check(fee.currency == currency, "fee_amount_money")
    return fee


def _get_version(obj: Mapping[str, Any]) -> int:
    """An entry never changes; a payout says when it did."""
    if not obj.get("updated_at"):
        return 1
    return (get_moment_of_text(obj, "updated_at") - _EPOCH) // timedelta(milliseconds=1)
