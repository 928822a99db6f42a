"""What a payment intent of Stripe's says of a charge of ours. Pure.

Source of the states: https://docs.stripe.com/payments/paymentintents/lifecycle
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bookedbarber.foundation.money import Money
from processors.adapters.stripe.translate import REFERENCE, get_id, to_movement
from processors.contract import (
    ChargeRequest,
    ChargeState,
    ChargeStatement,
    Movement,
    MovementState,
    NextAction,
)
from processors.transport.answers import (
    NotUnderstood,
    as_mapping,
    check,
    find_code,
    find_mapping,
    find_text,
    get_amount_minor,
    get_bool,
    get_currency,
    get_mapping,
    get_moment_of_seconds,
    get_text,
)
from processors.transport.statements import Page

# Where the charge does not name its end: https://docs.stripe.com/payments/place-a-hold-on-a-payment-method
_AUTHORIZATION = timedelta(days=7)
_MESSAGE_LENGTH = 500


def to_statement(intent: Mapping[str, Any], request: ChargeRequest) -> ChargeStatement:
    """
    :raises NotUnderstood: it is about another payment, or contradicts itself.
    """
    check_payment_intent(intent, request)
    match find_code(intent, "status"):
        case "succeeded":
            movement = _get_movement(intent, request, MovementState.COMPLETED)
            return _say(intent, ChargeState.CAPTURED, movement=movement)
        case "requires_capture":
            _get_movement(intent, request, MovementState.PENDING)
            return _say(intent, ChargeState.AUTHORIZED, expires_at=_get_expiry(intent))
        case "requires_action":
            return _say(intent, ChargeState.REQUIRES_ACTION, next_action=_get_action(intent))
        case "requires_payment_method":
            return _read_refused(intent)
        case "processing" | "requires_confirmation":
            return _say(intent, ChargeState.PENDING)
        case "canceled":
            _check_nothing_received(intent)
            return _say(intent, ChargeState.CANCELED)
    raise NotUnderstood("status")


def check_payment_intent(intent: Mapping[str, Any], request: ChargeRequest) -> None:
    """
    :raises NotUnderstood: this is not the payment that was asked for.
    """
    check(intent.get("object") == "payment_intent", "object")
    get_id(intent)
    check(is_ours(intent, request), "metadata")
    amount = Money(get_amount_minor(intent, "amount"), get_currency(intent))
    check(amount == request.amount, "amount")


def to_page(answer: Mapping[str, Any]) -> Page:
    """
    :raises NotUnderstood: it is not a page of a list.
    """
    check(answer.get("object") == "list", "object")
    listed = answer.get("data")
    if not isinstance(listed, list):
        raise NotUnderstood("data")
    items = [as_mapping(item, "data") for item in listed]
    if not get_bool(answer, "has_more"):
        return Page(items, "")
    check(bool(items), "data")
    return Page(items, get_id(items[-1]))


def is_ours(intent: Mapping[str, Any], request: ChargeRequest) -> bool:
    """Whether the intent carries our reference."""
    return find_mapping(intent, "metadata").get(REFERENCE) == request.reference


def _say(intent: Mapping[str, Any], state: ChargeState, **said: Any) -> ChargeStatement:
    return ChargeStatement(state=state, external_id=get_id(intent), **said)


def _get_movement(
    intent: Mapping[str, Any], request: ChargeRequest, state: MovementState
) -> Movement:
    movement = to_movement(get_mapping(intent, "latest_charge"))
    check(movement.state is state, "latest_charge.status")
    check(movement.group_id == get_id(intent), "latest_charge.payment_intent")
    check(movement.our_reference == request.reference, "latest_charge.metadata")
    check(movement.amount == request.amount, "latest_charge.amount")
    check(movement.tip == request.tip, "latest_charge.metadata.tip_minor")
    return movement


def _get_expiry(intent: Mapping[str, Any]) -> datetime:
    charge = get_mapping(intent, "latest_charge")
    card = find_mapping(find_mapping(charge, "payment_method_details"), "card")
    if card.get("capture_before") is not None:
        return get_moment_of_seconds(card, "capture_before")
    return get_moment_of_seconds(charge, "created") + _AUTHORIZATION


def _get_action(intent: Mapping[str, Any]) -> NextAction:
    action = get_mapping(intent, "next_action")
    return NextAction(
        type=get_text(action, "type"),
        client_secret=get_text(intent, "client_secret"),
        return_url=find_text(find_mapping(action, "redirect_to_url"), "return_url"),
    )


def _read_refused(intent: Mapping[str, Any]) -> ChargeStatement:
    """An attempt failed; where none is named, one may still be under way."""
    _check_nothing_received(intent)
    error = find_mapping(intent, "last_payment_error")
    code = find_code(error, "decline_code") or find_code(error, "code") or _find_failure(intent)
    if not code:
        return _say(intent, ChargeState.PENDING)
    message = find_text(error, "message")[:_MESSAGE_LENGTH]
    return _say(intent, ChargeState.FAILED, failure_code=code, failure_message=message)


def _find_failure(intent: Mapping[str, Any]) -> str:
    charge = intent.get("latest_charge")
    if not isinstance(charge, Mapping) or charge.get("status") != "failed":
        return ""
    return find_code(charge, "failure_code")


def _check_nothing_received(intent: Mapping[str, Any]) -> None:
    if intent.get("amount_received") is not None:
        check(get_amount_minor(intent, "amount_received") == 0, "amount_received")
