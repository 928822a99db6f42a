"""Stripe's transfers, the accounts that receive them, and their payments to banks. Pure.

Source: https://docs.stripe.com/api/transfers, https://docs.stripe.com/api/transfer_reversals,
https://docs.stripe.com/api/accounts/object, https://docs.stripe.com/api/payouts
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bookedbarber.foundation.money import Money, total
from processors.adapters.stripe.translate import REFERENCE, get_id
from processors.contract import (
    BankPayoutState,
    BankPayoutStatement,
    Movement,
    MovementKind,
    MovementState,
    PaymentMethodKind,
    PayoutAccountStatement,
    TransferRequest,
    TransferState,
    TransferStatement,
)
from processors.transport.answers import (
    as_mapping,
    check,
    find_code,
    find_mapping,
    find_reference,
    find_text,
    get_amount_minor,
    get_bool,
    get_currency,
    get_moment_of_seconds,
    get_text,
    is_known_currency,
    mask,
)

_BANK_PAYOUT_STATES = {
    "pending": BankPayoutState.IN_TRANSIT,
    "in_transit": BankPayoutState.IN_TRANSIT,
    "paid": BankPayoutState.PAID,
    "failed": BankPayoutState.FAILED,
    "canceled": BankPayoutState.FAILED,
}


def to_transfer_form(request: TransferRequest) -> dict[str, Any]:
    """The group, unlike metadata, can be listed by."""
    form: dict[str, Any] = {
        "amount": request.amount.amount_minor,
        "currency": request.amount.currency.lower(),
        "destination": request.destination,
        "transfer_group": request.reference,
        "metadata": {**request.metadata, REFERENCE: request.reference},
    }
    if request.description:
        form["description"] = request.description
    return form


def to_transfer(obj: Mapping[str, Any]) -> TransferStatement:
    """Read a transfer that comes with all its reversals.

    :raises NotUnderstood: it is none, or contradicts itself.
    """
    transfer = as_mapping(obj)
    amount = Money(get_amount_minor(transfer, "amount", least=1), get_currency(transfer))
    back = Money(get_amount_minor(transfer, "amount_reversed"), amount.currency)
    check(back <= amount, "amount_reversed")
    reversals = tuple(to_reversal_movement(one, transfer) for one in list_reversals(transfer))
    check(total((one.amount for one in reversals), amount.currency) == back, "reversals")
    return TransferStatement(
        state=_get_state(amount, back),
        external_id=get_id(transfer),
        our_reference=_find_reference(transfer),
        destination=_get_name(transfer, "destination"),
        destination_payment=_find_name(transfer, "destination_payment"),
        amount=amount,
        reversed=back,
        movements=(to_transfer_movement(transfer), *reversals),
    )


def to_transfer_movement(obj: Mapping[str, Any]) -> Movement:
    """The money that went; whatever comes back is a movement of its own.

    :raises NotUnderstood: it is no transfer.
    """
    transfer = as_mapping(obj)
    check(transfer.get("object") == "transfer", "object")
    return _move(transfer, MovementKind.TRANSFER, reference=_find_reference(transfer), parent="")


def to_reversal_movement(obj: Mapping[str, Any], transfer: Mapping[str, Any]) -> Movement:
    """
    :raises NotUnderstood: it is no reversal of this transfer.
    """
    reversal = as_mapping(obj)
    check(reversal.get("object") == "transfer_reversal", "object")
    parent = get_id(transfer)
    check(_get_name(reversal, "transfer") == parent, "transfer")
    check(get_currency(reversal) == get_currency(transfer), "currency")
    reference = _find_reference(transfer)
    return _move(reversal, MovementKind.TRANSFER_REVERSED, reference=reference, parent=parent)


def list_reversals(transfer: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """
    :raises NotUnderstood: they are no list.
    """
    listed = find_mapping(transfer, "reversals").get("data") or []
    check(isinstance(listed, list), "reversals")
    return [as_mapping(one, "reversals") for one in listed]


def check_transfer(statement: TransferStatement, request: TransferRequest) -> TransferStatement:
    """Return the statement, which is about the transfer that was asked for.

    :raises NotUnderstood: it is about another one.
    """
    check(statement.our_reference == request.reference, "metadata")
    check(statement.amount == request.amount, "amount")
    check(statement.destination == request.destination, "destination")
    return statement


def to_payout_account(obj: Mapping[str, Any]) -> PayoutAccountStatement:
    """
    :raises NotUnderstood: it is no account.
    """
    account = as_mapping(obj)
    check(account.get("object") == "account", "object")
    can_receive, pays_to_bank = _can_receive(account), get_bool(account, "payouts_enabled")
    currency = find_text(account, "default_currency").upper()
    return PayoutAccountStatement(
        account_id=get_id(account),
        name=_get_account_name(account),
        can_receive=can_receive,
        pays_to_bank=pays_to_bank,
        currencies=(currency,) if is_known_currency(currency) else (),
        obstacle="" if can_receive and pays_to_bank else _explain(account, can_receive),
    )


def to_bank_payout(
    obj: Mapping[str, Any], *, account_id: str, destination_payments: Sequence[str] = ()
) -> BankPayoutStatement:
    """
    :raises NotUnderstood: it is no payout.
    """
    payout = as_mapping(obj)
    check(payout.get("object") == "payout", "object")
    state = _BANK_PAYOUT_STATES.get(find_code(payout, "status"))
    check(state is not None, "status")
    return BankPayoutStatement(
        external_id=get_id(payout),
        account_id=account_id,
        state=state or BankPayoutState.IN_TRANSIT,
        amount=Money(get_amount_minor(payout, "amount"), get_currency(payout)),
        destination_payments=tuple(destination_payments),
        occurred_at=get_moment_of_seconds(payout, "created"),
        failure_message=find_text(payout, "failure_message"),
    )


def _get_state(amount: Money, back: Money) -> TransferState:
    if not back:
        return TransferState.PAID
    return TransferState.REVERSED if back == amount else TransferState.PARTLY_REVERSED


def _move(obj: Mapping[str, Any], kind: MovementKind, *, reference: str, parent: str) -> Movement:
    amount = Money(get_amount_minor(obj, "amount", least=1), get_currency(obj))
    return Movement(
        kind=kind,
        external_id=get_id(obj),
        group_id=parent or get_id(obj),
        our_reference=reference,
        state=MovementState.COMPLETED,
        amount=amount,
        tip=Money.zero(amount.currency),
        fee=Money.zero(amount.currency),
        method=PaymentMethodKind.OTHER,
        # Neither is ever changed: what follows is an object of its own.
        version=1,
        occurred_at=get_moment_of_seconds(obj, "created"),
        available_at=None,
        raw=mask(obj),
        parent_external_id=parent,
    )


def _find_reference(transfer: Mapping[str, Any]) -> str:
    return find_reference(find_mapping(transfer, "metadata"), REFERENCE)


def _get_name(obj: Mapping[str, Any], field: str) -> str:
    """The id of an object that may be expanded."""
    value = obj.get(field)
    return get_id(value) if isinstance(value, Mapping) else get_text(obj, field)


def _find_name(obj: Mapping[str, Any], field: str) -> str:
    return _get_name(obj, field) if obj.get(field) else ""


def _can_receive(account: Mapping[str, Any]) -> bool:
    """By the capability; accounts that do not list theirs receive when they can charge."""
    capability = find_code(find_mapping(account, "capabilities"), "transfers")
    return capability == "active" if capability else get_bool(account, "charges_enabled")


def _explain(account: Mapping[str, Any], can_receive: bool) -> str:
    if account.get("details_submitted") is False:
        return "The account’s details have not been submitted to Stripe yet."
    what = "payouts to its bank" if can_receive else "transfers to it"
    requirements = find_mapping(account, "requirements")
    reason = find_code(requirements, "disabled_reason").replace("_", " ").replace(".", ": ")
    due = requirements.get("currently_due") or []
    words = [word for word in due if isinstance(word, str)] if isinstance(due, list) else []
    missing = f" It asks for: {', '.join(sorted(words)[:10])}." if words else ""
    return f"Stripe has switched off {what}{f' ({reason})' if reason else ''}.{missing}"


def _get_account_name(account: Mapping[str, Any]) -> str:
    name = find_text(find_mapping(account, "business_profile"), "name")
    return name or find_text(account, "email") or get_text(account, "id")


def list_payments(page: Sequence[Mapping[str, Any]]) -> list[str]:
    """The payments (`py_…`) among the balance transactions of an account's bank payout.

    :raises NotUnderstood: one that names no source.
    """
    incoming = [one for one in page if find_code(one, "type") == "payment"]
    return [_get_name(one, "source") for one in incoming]
