"""Square's words and ours. Pure: plain values in, plain values out.

Everything Square says is checked on the way in; what does not fit raises `NotUnderstood`.
Source of the objects' shape: https://developer.squareup.com/reference/square
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bookedbarber.foundation.money import LARGEST_MINOR, Money, total
from processors.contract import (
    AccountDescription,
    ChargeRequest,
    Movement,
    MovementKind,
    MovementState,
    PaymentMethodKind,
)
from processors.errors import RequestRefused
from processors.transport.answers import (
    NotUnderstood,
    as_mapping,
    check,
    find_code,
    find_reference,
    find_text,
    get_amount_minor,
    get_currency,
    get_mapping,
    get_moment_of_text,
    get_text,
    is_known_currency,
    mask,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ID = re.compile(r"[A-Za-z0-9_-]{1,192}")
_NOTE_LENGTH = 500
_HOLD = "PT24H"  # a forgotten authorization ends by itself

_STATES = {
    "APPROVED": MovementState.PENDING,
    "PENDING": MovementState.PENDING,
    "COMPLETED": MovementState.COMPLETED,
    "CANCELED": MovementState.CANCELED,
    "FAILED": MovementState.FAILED,
}
METHODS = {
    "CARD": PaymentMethodKind.CARD,
    "BANK_ACCOUNT": PaymentMethodKind.BANK,
    "WALLET": PaymentMethodKind.WALLET,
    "SQUARE_ACCOUNT": PaymentMethodKind.WALLET,
    "CASH": PaymentMethodKind.CASH,
    "EXTERNAL": PaymentMethodKind.EXTERNAL,
}
# Square only writes these down, and charges nothing for it.
_WITHOUT_FEE = frozenset({PaymentMethodKind.CASH, PaymentMethodKind.EXTERNAL})


# ── Ours → theirs ────────────────────────────────────────────────────────────


def to_payment_body(request: ChargeRequest, *, location_id: str) -> dict[str, Any]:
    """Describe a payment, completed at once unless it is to be held.

    `""` leaves the location to Square's main one. Square adds `tip_money` on top of
    `amount_money`, and has no place for metadata.
    """
    body: dict[str, Any] = {
        "source_id": request.payment_token,
        "amount_money": _to_money(request.amount - request.tip),
        "reference_id": request.reference,
        "autocomplete": request.capture,
    }
    if not request.capture:
        body |= {"delay_duration": _HOLD, "delay_action": "CANCEL"}
    optional = {
        "tip_money": _to_money(request.tip) if request.tip else None,
        "location_id": location_id,
        "note": request.description[:_NOTE_LENGTH],
    }
    return body | {name: value for name, value in optional.items() if value}


def _to_money(money: Money) -> dict[str, Any]:
    return {"amount": money.amount_minor, "currency": money.currency}


# ── Theirs → ours ────────────────────────────────────────────────────────────


def to_account_description(
    merchant: Mapping[str, Any], locations: list[Mapping[str, Any]], *, location_id: str
) -> AccountDescription:
    """
    :raises RequestRefused: the account has no such active location, or none at all.
    :raises NotUnderstood: an object that does not say what it must.
    """
    location = _choose_location(
        [location for location in locations if location.get("status") == "ACTIVE"],
        location_id=location_id,
        main_id=find_text(merchant, "main_location_id"),
    )
    currency = get_text(location, "currency")
    return AccountDescription(
        account_id=get_id(merchant),
        name=find_text(merchant, "business_name") or get_text(location, "name"),
        country=get_text(merchant, "country"),
        currencies=(currency,) if is_known_currency(currency) else (),
        abilities=_get_abilities(merchant, location),
        details={"location_id": get_id(location), "location_name": find_text(location, "name")},
    )


def to_locations(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    locations = answer.get("locations") or []
    check(isinstance(locations, list), "locations")
    return [as_mapping(location, "locations") for location in locations]


def to_movement(obj: Mapping[str, Any]) -> Movement:
    """Read a payment.

    :raises NotUnderstood: it is none, or one that says what we cannot read.
    """
    payment = as_mapping(obj)
    state = _get_state(payment)
    amount = get_money(payment, "total_money")
    tip = get_tip(payment, amount.currency)
    check(tip <= amount, "tip_money")
    method = METHODS.get(find_code(payment, "source_type"), PaymentMethodKind.OTHER)
    fee = _find_fee(payment, amount.currency, method)
    return Movement(
        kind=MovementKind.CHARGE,
        external_id=get_id(payment),
        group_id=get_id(payment),
        our_reference=find_reference(payment, "reference_id"),
        state=state,
        amount=amount,
        tip=tip,
        fee=fee,
        method=method,
        version=_get_version(payment, state, fee),
        occurred_at=get_moment_of_text(payment, "created_at"),
        available_at=None,
        raw=mask(payment),
    )


def get_id(obj: Mapping[str, Any]) -> str:
    """
    :raises NotUnderstood: it has no id, or one that can be none of Square's.
    """
    value = get_text(obj, "id")
    check(_ID.fullmatch(value) is not None, "id")
    return value


def _get_state(payment: Mapping[str, Any]) -> MovementState:
    state = _STATES.get(find_code(payment, "status"))
    if state is None:
        raise NotUnderstood("status")
    return state


def get_money(obj: Mapping[str, Any], field: str, *, least: int = 0) -> Money:
    money = get_mapping(obj, field)
    return Money(get_amount_minor(money, "amount", least=least), get_currency(money))


def get_tip(payment: Mapping[str, Any], currency: str) -> Money:
    if payment.get("tip_money") is None:
        return Money.zero(currency)
    tip = get_money(payment, "tip_money")
    check(tip.currency == currency, "tip_money")
    return tip


def _find_fee(payment: Mapping[str, Any], currency: str, method: PaymentMethodKind) -> Money | None:
    """Sum the fee and its adjustments, which may be negative; None until Square lists any."""
    listed = payment.get("processing_fee") or []
    check(isinstance(listed, list), "processing_fee")
    if not listed:
        return Money.zero(currency) if method in _WITHOUT_FEE else None
    fees = [
        get_money(as_mapping(fee, "processing_fee"), "amount_money", least=-LARGEST_MINOR)
        for fee in listed
    ]
    check(all(fee.currency == currency for fee in fees), "processing_fee")
    return total(fees, currency)


def _get_version(payment: Mapping[str, Any], state: MovementState, fee: Money | None) -> int:
    """Order statements about one payment by their milliseconds; in one, by how far they are."""
    changed = "updated_at" if payment.get("updated_at") else "created_at"
    milliseconds = (get_moment_of_text(payment, changed) - _EPOCH) // timedelta(milliseconds=1)
    is_final = state is not MovementState.PENDING
    return milliseconds * 4 + is_final * 2 + (fee is not None)


def _choose_location(
    active: list[Mapping[str, Any]], *, location_id: str, main_id: str
) -> Mapping[str, Any]:
    by_id = {get_id(location): location for location in active}
    if location_id:
        if location_id not in by_id:
            raise RequestRefused("The account has no such active location", field="location_id")
        return by_id[location_id]
    if not active:
        raise RequestRefused("The account has no active location", field="location_id")
    return by_id.get(main_id) or active[0]


def _get_abilities(merchant: Mapping[str, Any], location: Mapping[str, Any]) -> tuple[str, ...]:
    capabilities = location.get("capabilities") or []
    check(isinstance(capabilities, list), "capabilities")
    is_active = merchant.get("status") in {"ACTIVE", None}
    can_charge = is_active and "CREDIT_CARD_PROCESSING" in capabilities
    return ("payments", "refunds") if can_charge else ("refunds",)
