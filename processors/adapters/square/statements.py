"""What a payment of Square's says of a charge of ours. Pure.

Source of the states: https://developer.squareup.com/docs/payments-api/take-payments
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from processors.adapters.square.translate import get_id, get_money, get_tip, to_movement
from processors.contract import ChargeRequest, ChargeState, ChargeStatement
from processors.transport.answers import (
    NotUnderstood,
    as_mapping,
    check,
    find_code,
    find_mapping,
    find_text,
    get_moment_of_text,
)
from processors.transport.statements import Page

_MESSAGE_LENGTH = 500


def to_statement(
    payment: Mapping[str, Any], request: ChargeRequest, *, location_id: str
) -> ChargeStatement:
    """
    :raises NotUnderstood: it is about another payment, or contradicts itself.
    """
    check_payment(payment, request, location_id=location_id)
    movement = to_movement(payment)
    check(movement.amount == request.amount, "total_money")
    match find_code(payment, "status"):
        case "COMPLETED":
            return _say(payment, ChargeState.CAPTURED, movement=movement)
        case "APPROVED":
            return _say(payment, ChargeState.AUTHORIZED, expires_at=_find_expiry(payment))
        case "PENDING":
            return _say(payment, ChargeState.PENDING)
        case "CANCELED":
            return _say(payment, ChargeState.CANCELED)
        case "FAILED":
            return _say(payment, ChargeState.FAILED, **_get_failure(payment))
    raise NotUnderstood("status")


def check_payment(payment: Mapping[str, Any], request: ChargeRequest, *, location_id: str) -> None:
    """
    :raises NotUnderstood: this is not the payment that was asked for.
    """
    get_id(payment)
    check(is_ours(payment, request), "reference_id")
    check(not location_id or payment.get("location_id") == location_id, "location_id")
    base, tip = get_money(payment, "amount_money"), get_tip(payment, request.amount.currency)
    check(base == request.amount - request.tip, "amount_money")
    check(tip == request.tip, "tip_money")


def is_ours(payment: Mapping[str, Any], request: ChargeRequest) -> bool:
    return payment.get("reference_id") == request.reference


def to_page(answer: Mapping[str, Any]) -> Page:
    """Read a page of payments; Square leaves out an empty one's list.

    :raises NotUnderstood: it is none.
    """
    listed = answer.get("payments")
    check(listed is None or isinstance(listed, list), "payments")
    items = [as_mapping(item, "payments") for item in listed or []]
    return Page(items, find_text(answer, "cursor"))


def _say(payment: Mapping[str, Any], state: ChargeState, **said: Any) -> ChargeStatement:
    return ChargeStatement(state=state, external_id=get_id(payment), **said)


def _find_expiry(payment: Mapping[str, Any]) -> datetime | None:
    return get_moment_of_text(payment, "delayed_until") if payment.get("delayed_until") else None


def _get_failure(payment: Mapping[str, Any]) -> dict[str, str]:
    listed = find_mapping(payment, "card_details").get("errors")
    errors = listed if isinstance(listed, list) else []
    error = as_mapping(errors[0], "card_details.errors") if errors else {}
    return {
        "failure_code": find_code(error, "code").lower(),
        "failure_message": find_text(error, "detail")[:_MESSAGE_LENGTH],
    }
