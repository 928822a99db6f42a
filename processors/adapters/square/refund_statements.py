"""What a refund of Square's says. Pure.

Square keeps no reference of ours with a refund, and its events name no idempotency key; so ours is
the end of the reason, "[ref_…]". It counts only for the payment and amount it was sent for.
Source: https://developer.squareup.com/reference/square/objects/PaymentRefund
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bookedbarber.foundation.money import LARGEST_MINOR, Money, total
from processors.adapters.square.translate import METHODS, get_id, get_money
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
    find_text,
    get_moment_of_text,
    mask,
)
from processors.transport.statements import Page

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REASON_LENGTH = 192
_REASON = re.compile(r"(?P<reason>.*?) ?\[(?P<reference>[a-z]{3}_[0-9a-z]{26})\]", re.DOTALL)
_STATES = {
    "PENDING": RefundState.PENDING,
    "COMPLETED": RefundState.SUCCEEDED,
    "APPROVED": RefundState.SUCCEEDED,
    "REJECTED": RefundState.CANCELED,
    "FAILED": RefundState.FAILED,
}


def to_refund_body(request: RefundRequest) -> dict[str, Any]:
    amount = {"amount": request.amount.amount_minor, "currency": request.amount.currency}
    return {
        "payment_id": request.payment_external_id,
        "amount_money": amount,
        "reason": _write_reason(request),
    }


def to_refund(obj: Mapping[str, Any]) -> RefundStatement:
    """Read a refund.

    :raises NotUnderstood: it is none, or one that says what we cannot read.
    """
    refund = as_mapping(obj)
    state = _STATES.get(find_code(refund, "status"))
    if state is None:
        raise NotUnderstood("status")
    reason, reference = _read_reason(refund)
    return RefundStatement(
        state=state,
        external_id=get_id(refund),
        payment_external_id=find_text(refund, "payment_id"),
        amount=_get_amount(refund),
        occurred_at=get_moment_of_text(refund, "created_at"),
        our_reference=reference,
        reason=reason,
        movements=_list_movements(refund, state),
        version=_get_milliseconds(refund),
        failure_code="" if state is RefundState.SUCCEEDED else find_code(refund, "status").lower(),
    )


def to_refund_page(answer: Mapping[str, Any]) -> Page:
    """Read a page of refunds; Square leaves out an empty one's list.

    :raises NotUnderstood: it is none.
    """
    listed = answer.get("refunds")
    check(listed is None or isinstance(listed, list), "refunds")
    return Page([as_mapping(item, "refunds") for item in listed or []], find_text(answer, "cursor"))


def _list_movements(refund: Mapping[str, Any], state: RefundState) -> tuple[Movement, ...]:
    """Nothing has moved before the refund completed.

    Square does not say whether one that failed, or was rejected, had completed before: its money
    left and came back, which is nothing on the whole.
    """
    match state:
        case RefundState.SUCCEEDED:
            return (_move(refund, MovementKind.REFUND),)
        case RefundState.FAILED | RefundState.CANCELED:
            return _move(refund, MovementKind.REFUND), _move(refund, MovementKind.REFUND_FAILED)
    return ()


def _move(refund: Mapping[str, Any], kind: MovementKind) -> Movement:
    name, amount = get_id(refund), _get_amount(refund)
    is_return = kind is MovementKind.REFUND_FAILED
    payment_id = find_text(refund, "payment_id")
    destination = find_code(refund, "destination_type") or "CARD"
    return Movement(
        kind=kind,
        external_id=f"{name}:failed" if is_return else name,
        group_id=payment_id or name,
        our_reference=_read_reason(refund)[1],
        state=MovementState.COMPLETED,
        amount=amount,
        tip=Money.zero(amount.currency),
        fee=Money.zero(amount.currency) if is_return else _get_fee(refund, amount.currency),
        method=METHODS.get(destination, PaymentMethodKind.OTHER),
        version=_get_milliseconds(refund),
        occurred_at=get_moment_of_text(refund, "updated_at" if is_return else "created_at"),
        available_at=None,
        raw=mask(refund),
        parent_external_id=name if is_return else payment_id,
    )


def _get_amount(refund: Mapping[str, Any]) -> Money:
    return get_money(refund, "amount_money", least=1)


def _get_fee(refund: Mapping[str, Any], currency: str) -> Money:
    """Sum what Square charges for the refund: nothing unless it says so, less where it gives back
    the payment's fee."""
    listed = refund.get("processing_fee") or []
    check(isinstance(listed, list), "processing_fee")
    fees = [
        get_money(as_mapping(fee, "processing_fee"), "amount_money", least=-LARGEST_MINOR)
        for fee in listed
    ]
    check(all(fee.currency == currency for fee in fees), "processing_fee")
    return total(fees, currency)


def _get_milliseconds(refund: Mapping[str, Any]) -> int:
    changed = "updated_at" if refund.get("updated_at") else "created_at"
    return (get_moment_of_text(refund, changed) - _EPOCH) // timedelta(milliseconds=1)


def _write_reason(request: RefundRequest) -> str:
    mark = f"[{request.reference}]"
    reason = request.reason[: _REASON_LENGTH - len(mark) - 1]
    return f"{reason} {mark}" if reason else mark


def _read_reason(refund: Mapping[str, Any]) -> tuple[str, str]:
    """The reason people wrote, and our reference or ""."""
    text = find_text(refund, "reason")
    match = _REASON.fullmatch(text)
    return (match["reason"], match["reference"]) if match else (text, "")
