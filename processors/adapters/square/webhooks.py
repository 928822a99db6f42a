"""Events as Square sends them.

Source: https://developer.squareup.com/docs/webhooks/overview
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from square.utils.webhooks_helper import verify_signature

from processors.adapters.square.activities import to_payout_movements
from processors.adapters.square.disputes import to_dispute
from processors.adapters.square.refund_statements import to_refund
from processors.adapters.square.translate import get_id, to_movement
from processors.contract import (
    BankPayoutNews,
    DisputeNews,
    EventEnvelope,
    News,
    RefundNews,
    RevocationNews,
    SaleNews,
)
from processors.transport.answers import (
    find_code,
    find_mapping,
    get_mapping,
    get_moment_of_text,
)
from processors.transport.events import (
    find_account_name,
    find_name,
    get_name,
    get_type,
    parse_event,
)


class SquareWebhooks:
    """Square signs the address and the body and no time: an old event is known by its id alone."""

    SIGNATURE_HEADER: ClassVar[str] = "x-square-hmacsha256-signature"

    def is_signed(
        self,
        body: bytes,
        signature: str,
        *,
        secret: str,
        address: str,
        now: datetime,  # noqa: ARG002 - Square signs none
    ) -> bool:
        try:
            return verify_signature(
                request_body=body.decode(),
                signature_header=signature,
                signature_key=secret,
                notification_url=address,
            )
        except Exception:  # noqa: BLE001 - the SDK breaks in its own ways on what is malformed
            return False

    def read_envelope(self, body: bytes) -> EventEnvelope:
        event = parse_event(body)
        return EventEnvelope(
            event_id=get_name(event, "event_id"),
            type=get_type(event),
            account_id=find_account_name(event, "merchant_id"),
            object_id=find_name(find_mapping(event, "data"), "id"),
            occurred_at=get_moment_of_text(event, "created_at"),
        )

    def read_news(self, body: bytes) -> News | None:
        event = parse_event(body)
        if find_code(event, "type") == "oauth.authorization.revoked":
            return RevocationNews(reason=_explain_revocation(event))
        data = get_mapping(event, "data")
        noun = find_code(data, "type")
        read = _READERS.get(noun)
        return read(get_mapping(get_mapping(data, "object"), noun)) if read else None


def _explain_revocation(event: Mapping[str, Any]) -> str:
    said = find_mapping(find_mapping(event, "data"), "object")
    revoker = find_code(find_mapping(said, "revocation"), "revoker_type")
    return f"Access was revoked at Square by {revoker.lower() or 'somebody'}"


def _read_payment(payment: Mapping[str, Any]) -> SaleNews:
    movement = to_movement(payment)
    return SaleNews(
        payment_external_id=movement.external_id,
        our_reference=movement.our_reference,
        movement=movement,
        is_whole=True,
    )


def _read_refund(refund: Mapping[str, Any]) -> RefundNews:
    return RefundNews(statement=to_refund(refund))


def _read_dispute(dispute: Mapping[str, Any]) -> DisputeNews:
    """Events of older API versions call its id by another name."""
    name = dispute.get("id") or dispute.get("dispute_id")
    return DisputeNews(statement=to_dispute({**dispute, "id": name}))


def _read_payout(payout: Mapping[str, Any]) -> BankPayoutNews:
    movements = tuple(to_payout_movements(payout))
    return BankPayoutNews(external_id=get_id(payout), movements=movements)


_READERS: dict[str, Callable[[Mapping[str, Any]], News]] = {
    "payment": _read_payment,
    "refund": _read_refund,
    "dispute": _read_dispute,
    "payout": _read_payout,
}
