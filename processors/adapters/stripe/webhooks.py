"""Events as Stripe sends them.

Source: https://docs.stripe.com/webhooks and https://docs.stripe.com/api/events
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

import stripe

from processors.adapters.stripe.translate import (
    REFERENCE,
    find_account_currency,
    get_id,
    to_movement,
)
from processors.contract import AccountNews, EventEnvelope, News, RevocationNews, SaleNews
from processors.transport.answers import (
    check,
    find_code,
    find_mapping,
    find_reference,
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


def _read_charge(charge: Mapping[str, Any]) -> SaleNews:
    movement = to_movement(charge)
    return SaleNews(
        payment_external_id=movement.group_id,
        our_reference=movement.our_reference,
        movement=movement,
    )


def _read_account(account: Mapping[str, Any]) -> AccountNews:
    return AccountNews(
        can_charge=get_bool(account, "charges_enabled"),
        currency=find_account_currency(account),
    )


_READERS: dict[str, Callable[[Mapping[str, Any]], News]] = {
    "payment_intent": _read_intent,
    "charge": _read_charge,
    "account": _read_account,
}
