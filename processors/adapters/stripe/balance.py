"""Stripe's balance transactions: which movement of ours each of them is. Pure.

Source of the words: https://docs.stripe.com/reports/reporting-categories and
https://docs.stripe.com/reports/balance-transaction-types
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bookedbarber.foundation.money import LARGEST_MINOR, Money
from processors.adapters.stripe.disputes import to_dispute_movement
from processors.adapters.stripe.refund_statements import to_refund_movement, to_return_movement
from processors.adapters.stripe.settlements import read_settlement
from processors.adapters.stripe.transfer_statements import (
    to_reversal_movement,
    to_transfer_movement,
)
from processors.adapters.stripe.translate import get_id, to_movement
from processors.contract import Movement, MovementKind, MovementState, PaymentMethodKind
from processors.transport.answers import (
    check,
    find_code,
    find_mapping,
    get_amount_minor,
    get_currency,
    get_moment_of_seconds,
    mask,
)

# Where a transaction has no reporting category, its type says what kind it is.
CATEGORY_OF_TYPE = {
    "charge": "charge",
    "payment": "charge",
    "payment_failure_refund": "charge_failure",
    "refund": "refund",
    "payment_refund": "refund",
    "payment_reversal": "refund",
    "refund_failure": "refund_failure",
    "transfer": "transfer",
    "transfer_cancel": "transfer_reversal",
    "transfer_failure": "transfer_reversal",
    "transfer_refund": "transfer_reversal",
    "payout": "payout",
    "payout_cancel": "payout_reversal",
    "payout_failure": "payout_reversal",
    "topup": "topup",
    "topup_reversal": "topup_reversal",
}

# Stripe's own and everything that is neither a sale nor a way to the bank: the sign says whether
# the account paid or got it.
OF_STRIPE = frozenset({
    "advance", "advance_funding", "anticipation_repayment", "climate_order_purchase",
    "climate_order_refund", "connect_collection_transfer", "connect_reserved_funds",
    "contribution", "fee", "financing_paydown", "financing_paydown_reversal", "financing_payout",
    "financing_payout_reversal", "issuing_authorization_hold", "issuing_authorization_release",
    "issuing_dispute", "issuing_transaction", "network_cost", "other_adjustment",
    "platform_earning", "platform_earning_refund", "risk_reserved_funds", "tax",
    "unreconciled_customer_funds",
})  # fmt: skip

# Types of transactions that are Stripe's own whatever their category.
TYPES_OF_STRIPE = frozenset({
    "adjustment", "advance", "advance_funding", "anticipation_repayment", "application_fee",
    "application_fee_refund", "climate_order_purchase", "climate_order_refund",
    "connect_collection_transfer", "contribution", "fee_credit_funding", "inbound_transfer",
    "inbound_transfer_reversal", "issuing_authorization_hold", "issuing_authorization_release",
    "issuing_dispute", "issuing_dispute_provisional_credit",
    "issuing_dispute_provisional_credit_reversal", "issuing_transaction", "obligation_outbound",
    "obligation_reversal_inbound", "payment_network_reserve_hold",
    "payment_network_reserve_release", "payment_unreconciled", "payout_minimum_balance_hold",
    "payout_minimum_balance_release", "reserve_hold", "reserve_release", "reserve_transaction",
    "reserved_funds", "stripe_balance_payment_debit", "stripe_balance_payment_debit_reversal",
    "stripe_fee", "stripe_fx_fee", "tax_fee", "tax_fund",
})  # fmt: skip

# One side of a conversion on the balance. No list of categories that Stripe publishes for reports
# names it; an adjustment that is about no object and used an exchange rate is one, too.
CONVERSION = "currency_conversion"

# The charge itself says what was captured, so the part let go of moved nothing.
PARTIAL_CAPTURE = "partial_capture_reversal"
# What a connected account got from its platform is no sale of its own.
TRANSFER_RECEIVED = "transfer_received"
OTHER_BALANCE = "balance_of_another_type"
# A bank debit that came to nothing: Stripe undoes what it showed while it was under way.
DEBIT_FAILED = "debit_that_failed"


def find_unused(booked: Mapping[str, Any]) -> str:
    """Name why a transaction is no movement of its own; "" where it is one."""
    if booked.get("balance_type") not in {None, "payments"}:
        return OTHER_BALANCE
    category = get_category(booked)
    if category == PARTIAL_CAPTURE:
        return category
    source = booked.get("source")
    if category == "charge" and isinstance(source, Mapping) and source.get("source_transfer"):
        return TRANSFER_RECEIVED
    if category == "charge_failure" and isinstance(source, Mapping) and _has_failed(source):
        return DEBIT_FAILED
    return f"{category}_of_nothing" if booked.get("amount") == 0 else ""


def _has_failed(charge: Mapping[str, Any]) -> bool:
    return find_code(charge, "object") == "charge" and find_code(charge, "status") == "failed"


def get_category(booked: Mapping[str, Any]) -> str:
    """Stripe's reporting category, else the one that belongs to the type, else the type."""
    said = find_code(booked, "reporting_category")
    kind = find_code(booked, "type")
    return said or CATEGORY_OF_TYPE.get(kind, kind)


def find_refund(booked: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The refund whose money went or came back, with this transaction in its place."""
    places = {"refund": "balance_transaction", "refund_failure": "failure_balance_transaction"}
    place = places.get(get_category(booked))
    source = booked.get("source")
    if place is None or not isinstance(source, Mapping):
        return None
    return {**source, place: _strip(booked)}


def find_dispute(booked: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The dispute that took money or gave it back."""
    source = booked.get("source")
    is_one = isinstance(source, Mapping) and source.get("object") == "dispute"
    return source if is_one and isinstance(source, Mapping) else None


def to_booked_movement(booked: Mapping[str, Any]) -> Movement:
    """Read a balance transaction whose `source` is expanded.

    What no table names moved money all the same: it counts as Stripe's own.

    :raises NotUnderstood: it is none, or one that says what we cannot read.
    """
    check(booked.get("object") == "balance_transaction", "object")
    category = CONVERSION if _is_conversion(booked) else get_category(booked)
    return _READERS.get(category, _read_own)(booked)


def _is_conversion(booked: Mapping[str, Any]) -> bool:
    is_adjusted = get_category(booked) in {"adjustment", "other_adjustment"}
    return is_adjusted and not booked.get("source") and bool(booked.get("exchange_rate"))


def _read_charge(booked: Mapping[str, Any]) -> Movement:
    return to_movement({**_get_source(booked, "charge"), "balance_transaction": _strip(booked)})


def _read_charge_failure(booked: Mapping[str, Any]) -> Movement:
    """A debit of a bank account that was paid and came back: it gives the charge back."""
    return _build(booked, MovementKind.REFUND, parent=_get_source_id(booked))


def _read_refund(booked: Mapping[str, Any]) -> Movement:
    return to_refund_movement(_get_source(booked, "refund"), _strip(booked))


def _read_refund_failure(booked: Mapping[str, Any]) -> Movement:
    return to_return_movement(_get_source(booked, "refund"), _strip(booked))


def _read_dispute(booked: Mapping[str, Any]) -> Movement:
    """An older transaction names the charge instead of the dispute."""
    source = find_mapping(booked, "source")
    if source.get("object") == "charge":
        source = {**source, "charge": get_id(source)}
    return to_dispute_movement(_strip(booked), source)


def _read_transfer(booked: Mapping[str, Any]) -> Movement:
    return _convert(to_transfer_movement(_get_source(booked, "transfer")), booked)


def _read_transfer_reversal(booked: Mapping[str, Any]) -> Movement:
    """Of a reversal, its own transfer must be expanded too; without one, a transfer failed."""
    source = find_mapping(booked, "source")
    if source.get("object") == "transfer_reversal":
        moved = to_reversal_movement(source, find_mapping(source, "transfer"))
        return _convert(moved, booked)
    transfer = _get_source(booked, "transfer")
    return _build(booked, MovementKind.TRANSFER_REVERSED, parent=get_id(transfer))


def _convert(moved: Movement, booked: Mapping[str, Any]) -> Movement:
    """The account may hold another currency than the transfer is in."""
    settled = read_settlement(booked, moved.amount, least_fee=-LARGEST_MINOR)
    if settled.conversion is None:
        return moved
    return replace(moved, fee=settled.fee, conversion=settled.conversion)


def _read_payout(booked: Mapping[str, Any]) -> Movement:
    """A payout with a negative amount takes money from the bank."""
    if _get_signed_minor(booked) > 0:
        return _build(booked, MovementKind.BANK_PAYOUT_FAILED)
    return _build(booked, MovementKind.BANK_PAYOUT, external_id=_get_source_id(booked))


def _read_payout_reversal(booked: Mapping[str, Any]) -> Movement:
    return _build(booked, MovementKind.BANK_PAYOUT_FAILED, parent=_get_source_id(booked))


def _read_topup(booked: Mapping[str, Any]) -> Movement:
    """Paid in from the bank, as a payout is that came back."""
    return _build(booked, MovementKind.BANK_PAYOUT_FAILED)


def _read_topup_reversal(booked: Mapping[str, Any]) -> Movement:
    return _build(booked, MovementKind.BANK_PAYOUT)


def _read_own(booked: Mapping[str, Any]) -> Movement:
    is_out = _get_signed_minor(booked) < 0
    kind = MovementKind.PROCESSOR_CHARGE if is_out else MovementKind.PROCESSOR_CREDIT
    return _build(booked, kind, has_fee=True)


def _read_conversion(booked: Mapping[str, Any]) -> Movement:
    """One side of a conversion; the other one is a transaction of its own."""
    is_out = _get_signed_minor(booked) < 0
    kind = MovementKind.CONVERSION_OUT if is_out else MovementKind.CONVERSION_IN
    return _build(booked, kind, has_fee=True)


_READERS: dict[str, Callable[[Mapping[str, Any]], Movement]] = {
    "charge": _read_charge,
    "charge_failure": _read_charge_failure,
    "refund": _read_refund,
    "refund_failure": _read_refund_failure,
    "dispute": _read_dispute,
    "dispute_reversal": _read_dispute,
    "transfer": _read_transfer,
    "transfer_reversal": _read_transfer_reversal,
    "payout": _read_payout,
    "payout_reversal": _read_payout_reversal,
    "topup": _read_topup,
    "topup_reversal": _read_topup_reversal,
    CONVERSION: _read_conversion,
}


def _build(
    booked: Mapping[str, Any],
    kind: MovementKind,
    *,
    external_id: str = "",
    parent: str = "",
    has_fee: bool = False,
) -> Movement:
    name = external_id or get_id(booked)
    amount = _get_amount(booked)
    settled = read_settlement(booked, amount, least_fee=-LARGEST_MINOR)
    has_fee = has_fee or settled.conversion is not None
    return Movement(
        kind=kind,
        external_id=name,
        group_id=name,
        our_reference="",
        state=MovementState.COMPLETED,
        amount=amount,
        tip=Money.zero(amount.currency),
        fee=settled.fee if has_fee else Money.zero(amount.currency),
        method=PaymentMethodKind.OTHER,
        version=1,
        occurred_at=get_moment_of_seconds(booked, "created"),
        available_at=settled.available_at,
        raw=mask(booked),
        parent_external_id=parent,
        conversion=settled.conversion,
    )


def _get_amount(booked: Mapping[str, Any]) -> Money:
    """The amount in the currency of the object that moved it; the balance may be in another."""
    source = booked.get("source")
    if isinstance(source, Mapping) and source.get("amount") and source.get("currency"):
        currency = get_currency(source)
        if currency != get_currency(booked):
            return Money(abs(get_amount_minor(source, "amount", least=-LARGEST_MINOR)), currency)
    return Money(abs(_get_signed_minor(booked)), get_currency(booked))


def _get_signed_minor(booked: Mapping[str, Any]) -> int:
    return get_amount_minor(booked, "amount", least=-LARGEST_MINOR)


def _get_source(booked: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    source = find_mapping(booked, "source")
    check(source.get("object") == kind, "source")
    return source


def _get_source_id(booked: Mapping[str, Any]) -> str:
    source_id = _find_linked_id(booked, "source")
    check(source_id != "", "source")
    return source_id


def _strip(booked: Mapping[str, Any]) -> Mapping[str, Any]:
    """The transaction as it stands in the object that it belongs to."""
    return {**booked, "source": _find_linked_id(booked, "source")}


def _find_linked_id(obj: Mapping[str, Any], field: str) -> str:
    """The id at `field`, where an object may stand expanded; "" where there is none."""
    linked = obj.get(field)
    if not linked:
        return ""
    return get_id(linked if isinstance(linked, Mapping) else {"id": linked})
