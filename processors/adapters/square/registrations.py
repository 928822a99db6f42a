"""Square's webhook subscriptions. They are the application's, whose own token makes them.

Source: https://developer.squareup.com/reference/square/webhook-subscriptions-api
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from processors.adapters.square import refusals
from processors.adapters.square.client import SquareClient
from processors.adapters.square.refusals import ErrorAnswer
from processors.contract import WebhookRegistration
from processors.transport import time_limit
from processors.transport.answers import as_mapping, check, find_text, get_mapping, get_text

NAME = "BookedBarber"
# What our door has a use for; other types would only be kept and ignored.
EVENT_TYPES = (
    "dispute.created",
    "dispute.state.updated",
    "oauth.authorization.revoked",
    "payment.created",
    "payment.updated",
    "payout.failed",
    "payout.paid",
    "payout.sent",
    "refund.created",
    "refund.updated",
)


class SquareRegistrations:
    """Mixin: the subscriptions of the application whose token it is."""

    _client: SquareClient

    def list_webhooks(self, url: str) -> tuple[str, ...]:
        found: list[str] = []
        cursor = ""
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            while True:
                page = refusals.get_success(self._client.list_webhook_subscriptions(cursor=cursor))
                found += _list_ids(page, url)
                cursor = find_text(page, "cursor")
                if not cursor:
                    return tuple(found)

    def register_webhook(
        self,
        url: str,
        *,
        reference: str,
        for_application: bool,  # noqa: ARG002 - every subscription hears of all its accounts
    ) -> WebhookRegistration:
        wanted = {"name": NAME, "notification_url": url, "event_types": list(EVENT_TYPES)}
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.create_webhook_subscription(wanted, idempotency_key=reference)
        subscription = get_mapping(refusals.get_success(answer), "subscription")
        check(subscription.get("notification_url") == url, "notification_url")
        return WebhookRegistration(
            external_id=get_text(subscription, "id"),
            url=url,
            secret=get_text(subscription, "signature_key"),
        )

    def remove_webhook(self, external_id: str) -> None:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.delete_webhook_subscription(external_id)
        if not isinstance(answer, ErrorAnswer) or answer.status != 404:
            refusals.get_success(answer)


def _list_ids(page: Mapping[str, Any], url: str) -> list[str]:
    rows = page.get("subscriptions") or []
    check(isinstance(rows, list), "subscriptions")
    subscriptions = [as_mapping(row) for row in rows]
    return [get_text(row, "id") for row in subscriptions if row.get("notification_url") == url]
