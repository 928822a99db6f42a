"""Events as Stripe sends them.

Source: https://docs.stripe.com/webhooks and https://docs.stripe.com/api/events
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

import stripe

from bookedbarber.foundation.money import LARGEST_MINOR
from processors.adapters.stripe.disputes import to_dispute
from processors.adapters.stripe.refund_statements import to_refund
from processors.adapters.stripe.transfer_statements import to_transfer
from processors.adapters.stripe.translate import (
    REFERENCE,
    find_account_currency,
    get_id,
    lacks_tip,
    to_movement,
)
from processors.contract import (
    AccountNews,
    BankPayoutNews,
    Booked,
    DisputeNews,
    EventEnvelope,
    MovementKind,
    News,
    RefundNews,
    RevocationNews,
    SaleNews,
    TransferNews,
)
from processors.transport.answers import (
    check,
    find_code,
    find_mapping,
    find_reference,
    get_amount_minor,
    get_bool,
    get_mapping,
    get_moment_of_seconds,
)
from processors.transport.events import (
    find_account_name,
    find_name,
    get_name,
    get_type,
    parse_event,
)

TOLERANCE_SECONDS = 300  # Stripe's own, of the signed time, in both directions


class StripeWebhooks:
    """Snapshot events of API version v1, signed in the scheme v1."""

    SIGNATURE_HEADER: ClassVar[str] = "Stripe-Signature"

    def is_signed(
        self,
        body: bytes,
        signature: str,
        *,
        secret: str,
        address: str,  # noqa: ARG002 - Stripe does not sign it
        now: datetime,
    ) -> bool:
        # Its own look at the time knows no future, and goes by a clock that nobody hands it.
        try:
            stripe.WebhookSignature.verify_header(body, signature, secret, tolerance=None)
            signed_at = _get_signed_at(signature)
        except Exception:  # noqa: BLE001 - the SDK breaks in its own ways on what is malformed
            return False
        return abs(now.timestamp() - signed_at) <= TOLERANCE_SECONDS

    def read_envelope(self, body: bytes) -> EventEnvelope:
        event = parse_event(body)
        check(event.get("object") == "event", "object")
        said = find_mapping(find_mapping(event, "data"), "object")
        return EventEnvelope(
            event_id=get_name(event, "id"),
            type=get_type(event),
            account_id=find_account_name(event, "account"),
            object_id=find_name(said, "id"),
            occurred_at=get_moment_of_seconds(event, "created"),
            is_live=get_bool(event, "livemode"),
        )

    def read_news(self, body: bytes) -> News | None:
        event = parse_event(body)
        said = get_mapping(get_mapping(event, "data"), "object")
        if find_code(event, "type") == "account.application.deauthorized":
            return RevocationNews(reason="The account's owner disconnected us at Stripe")
        read = _READERS.get(find_code(said, "object"))
        return read(said) if read else None


def _get_signed_at(header: str) -> int:
    """Return the second that was signed: the first `t`, as the SDK reads it."""
    parts = [part.split("=", 2) for part in header.split(",")]
    return int(next(part[1] for part in parts if part[0] == "t"))


def _read_intent(intent: Mapping[str, Any]) -> SaleNews:
    reference = find_reference(find_mapping(intent, "metadata"), REFERENCE)
    return SaleNews(payment_external_id=get_id(intent), our_reference=reference)


def _read_charge(charge: Mapping[str, Any]) -> SaleNews | None:
    if charge.get("source_transfer"):  # what the platform paid to this account
        return None
    movement = to_movement(charge)
    return SaleNews(
        payment_external_id=movement.group_id,
        our_reference=movement.our_reference,
        movement=movement,
        is_abridged=lacks_tip(charge),
    )


def _read_refund(refund: Mapping[str, Any]) -> RefundNews:
    return RefundNews(statement=to_refund(refund))


def _read_dispute(dispute: Mapping[str, Any]) -> DisputeNews:
    return DisputeNews(statement=to_dispute(dispute))


def _read_transfer(transfer: Mapping[str, Any]) -> TransferNews:
    """An event carries the latest ten reversals, if any."""
    listed = find_mapping(transfer, "reversals")
    is_whole = listed.get("has_more") is False or not transfer.get("amount_reversed")
    statement = to_transfer(transfer) if is_whole else None
    return TransferNews(external_id=get_id(transfer), statement=statement)


def _read_payout(payout: Mapping[str, Any]) -> BankPayoutNews:
    """One with a negative amount takes money from the bank."""
    name = get_id(payout)
    signed = get_amount_minor(payout, "amount", least=-LARGEST_MINOR)
    booked = find_name(payout, "balance_transaction")
    returned = find_name(payout, "failure_balance_transaction")
    out = Booked(kind=MovementKind.BANK_PAYOUT, external_id=name, ask_for=booked)
    into = Booked(kind=MovementKind.BANK_PAYOUT_FAILED, external_id=booked, ask_for=booked)
    back = Booked(kind=MovementKind.BANK_PAYOUT_FAILED, external_id=returned, ask_for=returned)
    moved = [out if signed > 0 else into, back]
    return BankPayoutNews(external_id=name, booked=tuple(one for one in moved if one.ask_for))


def _read_account(account: Mapping[str, Any]) -> AccountNews:
    return AccountNews(
        can_charge=get_bool(account, "charges_enabled"),
        currency=find_account_currency(account),
    )


_READERS: dict[str, Callable[[Mapping[str, Any]], News | None]] = {
    "payment_intent": _read_intent,
    "charge": _read_charge,
    "refund": _read_refund,
    "dispute": _read_dispute,
    "transfer": _read_transfer,
    "payout": _read_payout,
    "account": _read_account,
}
