"""What a refund of Stripe's says. Pure.

Sources: https://docs.stripe.com/api/refunds/object, https://docs.stripe.com/refunds#failed-refunds
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bookedbarber.foundation.money import LARGEST_MINOR, Money
from processors.adapters.stripe.settlements import UNSETTLED, Settlement, read_settlement
from processors.adapters.stripe.translate import METHODS, REFERENCE, get_id
from processors.contract import (
    Movement,
    MovementKind,
    MovementState,
    PaymentMethodKind,
    RefundRequest,
    RefundState,
    RefundStatement,
)
from processors.transport.answers import (
    NotUnderstood,
    as_mapping,
    check,
    find_code,
    find_mapping,
    find_reference,
    find_text,
    get_amount_minor,
    get_currency,
    get_moment_of_seconds,
    mask,
)

REASON = "reason"  # our keys in Stripe's metadata; Stripe's own reason is one of four words
EXPANDED = ["balance_transaction", "failure_balance_transaction"]

_REASON_LENGTH = 500
_STATES = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.CANCELED,
}
# How far it has come: one that succeeded can still fail.
_RANKS = {
    RefundState.PENDING: 0,
    RefundState.SUCCEEDED: 1,
    RefundState.FAILED: 2,
    RefundState.CANCELED: 2,
}


def to_refund_form(request: RefundRequest) -> dict[str, Any]:
    metadata = {REFERENCE: request.reference, REASON: request.reason[:_REASON_LENGTH]}
    return {
        "payment_intent": request.payment_external_id,
        "amount": request.amount.amount_minor,
        "metadata": {name: text for name, text in metadata.items() if text},
        "expand": EXPANDED,
    }


def to_refund(obj: Mapping[str, Any]) -> RefundStatement:
    """Read a refund; its fee and its return are known only where they are expanded.

    :raises NotUnderstood: it is no refund, or one that says what we cannot read.
    """
    refund = as_mapping(obj)
    check(refund.get("object") == "refund", "object")
    state = _STATES.get(find_code(refund, "status"))
    if state is None:
        raise NotUnderstood("status")
    metadata = find_mapping(refund, "metadata")
    returned = refund.get("failure_balance_transaction")
    movements = _list_movements(refund)
    return RefundStatement(
        state=state,
        external_id=get_id(refund),
        payment_external_id=_find_payment_id(refund),
        amount=_get_amount(refund),
        occurred_at=get_moment_of_seconds(refund, "created"),
        our_reference=find_reference(metadata, REFERENCE),
        reason=find_text(metadata, REASON) or find_code(refund, "reason"),
        movements=movements,
        version=_RANKS[state] * 4 + len(movements),
        failure_code=find_code(refund, "failure_reason"),
        is_abridged=bool(returned) and not isinstance(returned, Mapping),
    )


def to_refund_movement(
    refund: Mapping[str, Any], booked: Mapping[str, Any] | None = None
) -> Movement:
    """The money that left the balance; `booked` is its balance transaction, where it is known."""
    return _move(
        refund,
        booked,
        kind=MovementKind.REFUND,
        external_id=get_id(refund),
        parent=_find_id(refund, "charge"),
        occurred_at=get_moment_of_seconds(refund, "created"),
    )


def to_return_movement(refund: Mapping[str, Any], booked: Mapping[str, Any]) -> Movement:
    """The money that came back because the refund failed, by that balance transaction."""
    return _move(
        refund,
        booked,
        kind=MovementKind.REFUND_FAILED,
        external_id=get_id(booked),
        parent=get_id(refund),
        occurred_at=get_moment_of_seconds(booked, "created"),
    )


def _list_movements(refund: Mapping[str, Any]) -> tuple[Movement, ...]:
    """Money has moved where the balance says so: letting go of a hold is a refund without it."""
    booked = refund.get("balance_transaction")
    if not booked:
        return ()
    moved = to_refund_movement(refund, booked if isinstance(booked, Mapping) else None)
    returned = refund.get("failure_balance_transaction")
    if not isinstance(returned, Mapping):
        return (moved,)
    return moved, to_return_movement(refund, returned)


def _move(
    refund: Mapping[str, Any],
    booked: Mapping[str, Any] | None,
    *,
    kind: MovementKind,
    external_id: str,
    parent: str,
    occurred_at: datetime,
) -> Movement:
    amount = _get_amount(refund)
    settled = UNSETTLED if booked is None else _read_settlement(booked, amount)
    return Movement(
        kind=kind,
        external_id=external_id,
        group_id=_find_payment_id(refund) or get_id(refund),
        our_reference=find_reference(find_mapping(refund, "metadata"), REFERENCE),
        state=MovementState.COMPLETED,
        amount=amount,
        tip=Money.zero(amount.currency),
        fee=settled.fee,
        method=_get_method(refund),
        version=int(booked is not None),
        occurred_at=occurred_at,
        available_at=settled.available_at,
        raw=mask(refund),
        parent_external_id=parent,
        conversion=settled.conversion,
    )


def _get_amount(refund: Mapping[str, Any]) -> Money:
    return Money(get_amount_minor(refund, "amount", least=1), get_currency(refund))


def _read_settlement(booked: Mapping[str, Any], amount: Money) -> Settlement:
    """Stripe keeps the fee of the charge, and may name one of the refund's own."""
    return read_settlement(booked, amount, least_fee=-LARGEST_MINOR)


def _get_method(refund: Mapping[str, Any]) -> PaymentMethodKind:
    kind = find_code(find_mapping(refund, "destination_details"), "type")
    return METHODS.get(kind, PaymentMethodKind.OTHER)


def _find_payment_id(refund: Mapping[str, Any]) -> str:
    return _find_id(refund, "payment_intent") or _find_id(refund, "charge")


def _find_id(refund: Mapping[str, Any], field: str) -> str:
    """The id of an object that may be expanded; "" where there is none."""
    value = refund.get(field)
    return get_id(value if isinstance(value, Mapping) else {"id": value}) if value else ""
