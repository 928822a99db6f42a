"""Stripe's words and ours. Pure: plain values in, plain values out.

Everything Stripe says is checked on the way in; what does not fit raises `NotUnderstood`.
Source of the objects' shape: https://docs.stripe.com/api
"""

import re
from collections.abc import Mapping
from typing import Any

from bookedbarber.foundation.money import LARGEST_MINOR, Money
from processors.adapters.stripe.settlements import UNSETTLED, Settlement, read_settlement
from processors.contract import (
    AccountDescription,
    ChargeRequest,
    Movement,
    MovementKind,
    MovementState,
    PaymentMethodKind,
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
    get_bool,
    get_currency,
    get_mapping,
    get_moment_of_seconds,
    get_text,
    is_known_currency,
    mask,
)

REFERENCE = "reference"  # our keys in Stripe's metadata
TIP_MINOR = "tip_minor"
EXPANDED = ["latest_charge.balance_transaction"]
CHARGE_EXPANDED = ["balance_transaction", "payment_intent"]

_AMOUNTS = 2 * LARGEST_MINOR  # more than any amount, so that one fits below each rank
_ID = re.compile(r"[a-z]+_[A-Za-z0-9_]{1,250}")

_AT_A_READER = frozenset({"card_present", "interac_present"})

METHODS = {
    "card": PaymentMethodKind.CARD,
    "card_present": PaymentMethodKind.CARD,
    "interac_present": PaymentMethodKind.CARD,
    "cashapp": PaymentMethodKind.WALLET,
    "link": PaymentMethodKind.WALLET,
    "paypal": PaymentMethodKind.WALLET,
    "amazon_pay": PaymentMethodKind.WALLET,
    "alipay": PaymentMethodKind.WALLET,
    "wechat_pay": PaymentMethodKind.WALLET,
    "revolut_pay": PaymentMethodKind.WALLET,
    "us_bank_account": PaymentMethodKind.BANK,
    "ach_debit": PaymentMethodKind.BANK,
    "acss_debit": PaymentMethodKind.BANK,
    "au_becs_debit": PaymentMethodKind.BANK,
    "bacs_debit": PaymentMethodKind.BANK,
    "sepa_debit": PaymentMethodKind.BANK,
}


# ── Ours → theirs ────────────────────────────────────────────────────────────


def to_payment_intent_form(request: ChargeRequest) -> dict[str, Any]:
    """Describe a card payment that is confirmed at once, and captured unless it is to be held.

    Stripe's own default captures a little later, and then the answer cannot name the fee.
    """
    form: dict[str, Any] = {
        "amount": request.amount.amount_minor,
        "currency": request.amount.currency.lower(),
        "payment_method": request.payment_token,
        "allowed_payment_method_types": ["card"],
        "capture_method": "automatic" if request.capture else "manual",
        "confirm": True,
        "metadata": {
            **request.metadata,
            REFERENCE: request.reference,
            TIP_MINOR: str(request.tip.amount_minor),
        },
        "expand": EXPANDED,
    }
    if request.description:
        form["description"] = request.description
    return form


# ── Theirs → ours ────────────────────────────────────────────────────────────


def to_account_description(
    account: Mapping[str, Any], balance: Mapping[str, Any]
) -> AccountDescription:
    """
    :raises NotUnderstood: an object that does not say what it must.
    """
    check(account.get("object") == "account", "object")
    can_charge = get_bool(account, "charges_enabled")
    return AccountDescription(
        account_id=get_id(account),
        name=_get_account_name(account),
        country=get_text(account, "country"),
        currencies=_get_account_currencies(account, balance),
        abilities=("payments", "refunds") if can_charge else ("refunds",),
    )


def to_movement(obj: Mapping[str, Any]) -> Movement:
    """Read a charge; its fee is known only where its balance transaction is expanded.

    `amount` is what was captured, or what was tried where nothing was. The tip of a sale at a
    reader is known only where the intent is expanded.

    :raises NotUnderstood: it is no charge, or one that says what we cannot read.
    """
    charge = as_mapping(obj)
    check(charge.get("object") == "charge", "object")
    state = _get_state(charge)
    amount = Money(_get_amount_minor(charge, state), get_currency(charge))
    settled = _find_settlement(charge, amount)
    reference = find_reference(find_mapping(charge, "metadata"), REFERENCE)
    return Movement(
        kind=MovementKind.CHARGE,
        external_id=get_id(charge),
        group_id=_find_intent_id(charge) or get_id(charge),
        our_reference=reference,
        state=state,
        amount=amount,
        tip=_get_tip(charge, amount) if reference else _find_tip(charge, amount),
        fee=settled.fee,
        method=_get_method(charge),
        version=_get_version(charge, state, settled.fee),
        occurred_at=get_moment_of_seconds(charge, "created"),
        available_at=settled.available_at,
        raw=mask(_shorten_intent(charge)),
        conversion=settled.conversion,
    )


def lacks_tip(charge: Mapping[str, Any]) -> bool:
    """Say whether it is a sale at a reader, whose tip only its intent names, without the intent."""
    kind = find_code(find_mapping(charge, "payment_method_details"), "type")
    return kind in _AT_A_READER and isinstance(charge.get("payment_intent"), str)


def get_id(obj: Mapping[str, Any]) -> str:
    """
    :raises NotUnderstood: it has no id, or one that can be none of Stripe's.
    """
    value = get_text(obj, "id")
    check(_ID.fullmatch(value) is not None, "id")
    return value


def find_account_currency(account: Mapping[str, Any]) -> str:
    """Return an account's own currency, "" for none that we know."""
    currency = find_text(account, "default_currency").upper()
    return currency if is_known_currency(currency) else ""


def _shorten_intent(charge: Mapping[str, Any]) -> Mapping[str, Any]:
    """An intent that is expanded says much that its charge says already."""
    intent = charge.get("payment_intent")
    if not isinstance(intent, Mapping):
        return charge
    kept = {name: intent.get(name) for name in ("id", "amount_details")}
    return {**charge, "payment_intent": kept}


def _find_intent_id(charge: Mapping[str, Any]) -> str:
    intent = charge.get("payment_intent")
    return get_id(intent if isinstance(intent, Mapping) else {"id": intent}) if intent else ""


def _get_state(charge: Mapping[str, Any]) -> MovementState:
    match find_code(charge, "status"):
        case "failed":
            return MovementState.FAILED
        case "pending":
            return MovementState.PENDING
        case "succeeded" if get_bool(charge, "captured"):
            return MovementState.COMPLETED
        case "succeeded":  # authorized only; letting go of it is said as a refund
            released = get_bool(charge, "refunded")
            return MovementState.CANCELED if released else MovementState.PENDING
    raise NotUnderstood("status")


def _get_amount_minor(charge: Mapping[str, Any], state: MovementState) -> int:
    amount = get_amount_minor(charge, "amount")
    if state is not MovementState.COMPLETED or charge.get("amount_captured") is None:
        return amount
    return get_amount_minor(charge, "amount_captured")


def _get_tip(charge: Mapping[str, Any], amount: Money) -> Money:
    """Read the tip we wrote into the metadata; Stripe itself knows none on an online charge."""
    text = find_text(get_mapping(charge, "metadata"), TIP_MINOR) or "0"
    check(re.fullmatch(r"[0-9]{1,16}", text) is not None, "metadata.tip_minor")
    tip = Money(int(text), amount.currency)
    check(tip <= amount, "metadata.tip_minor")
    return tip


def _find_tip(charge: Mapping[str, Any], amount: Money) -> Money:
    """Read the tip given at a reader, which only the intent names: it must be expanded."""
    intent = charge.get("payment_intent")
    details = find_mapping(intent, "amount_details") if isinstance(intent, Mapping) else {}
    said = find_mapping(details, "tip")
    if said.get("amount") is None:
        return Money.zero(amount.currency)
    tip = Money(get_amount_minor(said, "amount"), amount.currency)
    check(tip <= amount, "payment_intent.amount_details.tip")
    return tip


def _find_settlement(charge: Mapping[str, Any], amount: Money) -> Settlement:
    """Return what Stripe has said so far of fee, availability and conversion."""
    booked = charge.get("balance_transaction")
    return read_settlement(booked, amount) if isinstance(booked, Mapping) else UNSETTLED


def _get_method(charge: Mapping[str, Any]) -> PaymentMethodKind:
    kind = find_code(find_mapping(charge, "payment_method_details"), "type")
    return METHODS.get(kind, PaymentMethodKind.OTHER)


def _get_version(charge: Mapping[str, Any], state: MovementState, fee: Money | None) -> int:
    """Order statements about one charge, which Stripe neither numbers nor dates.

    Each part can only grow, so their sequence does too. A known fee outranks refunds: a webhook
    never names the fee, and must not push out a statement that did.
    """
    has_refunds = charge.get("amount_refunded") is not None
    refunded_minor = get_amount_minor(charge, "amount_refunded") if has_refunds else 0
    steps = (state is not MovementState.PENDING, fee is not None, charge.get("disputed") is True)
    rank = sum(1 << place for place, step in enumerate(reversed(steps)) if step)
    return rank * _AMOUNTS + refunded_minor


def _get_account_name(account: Mapping[str, Any]) -> str:
    dashboard = find_mapping(find_mapping(account, "settings"), "dashboard")
    return (
        find_text(find_mapping(account, "business_profile"), "name")
        or find_text(dashboard, "display_name")
        or find_text(account, "email")
        or get_id(account)
    )


def _get_account_currencies(
    account: Mapping[str, Any], balance: Mapping[str, Any]
) -> tuple[str, ...]:
    """Return what the account settles in, its default first; only currencies we know.

    An account does not list them to its own key; its balance has a line for each.
    """
    check(balance.get("object") == "balance", "balance")
    lines = balance.get("available")
    check(isinstance(lines, list), "available")
    words = [get_text(as_mapping(line), "currency") for line in lines or []]
    named = [get_text(account, "default_currency"), *words]
    return tuple(dict.fromkeys(word.upper() for word in named if is_known_currency(word.upper())))
