"""Stripe's webhook endpoints. Source: https://docs.stripe.com/api/webhook_endpoints"""

from collections.abc import Iterator, Mapping
from typing import Any

import stripe
from django.conf import settings

from processors.adapters.stripe import refusals, translate
from processors.adapters.stripe.client import StripeClient
from processors.adapters.stripe.refusals import ErrorAnswer
from processors.contract import WebhookRegistration
from processors.transport import time_limit
from processors.transport.answers import as_mapping, check, get_bool, get_text

# What our door has a use for; other types would only be kept and ignored.
EVENT_TYPES = (
    "account.updated",
    "account.application.deauthorized",
    "charge.captured",
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.updated",
    "charge.expired",
    "charge.failed",
    "charge.pending",
    "charge.refunded",
    "charge.succeeded",
    "charge.updated",
    "payment_intent.amount_capturable_updated",
    "payment_intent.canceled",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "payment_intent.succeeded",
    "payout.canceled",
    "payout.created",
    "payout.failed",
    "payout.paid",
    "payout.updated",
    "refund.created",
    "refund.failed",
    "refund.updated",
    "transfer.created",
    "transfer.reversed",
    "transfer.updated",
)


class StripeRegistrations:
    """Mixin: the endpoints of one account; a platform's may hear of all connected accounts."""

    _client: StripeClient

    def list_webhooks(self, url: str) -> tuple[str, ...]:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            return tuple(
                translate.get_id(endpoint)
                for endpoint in self._iterate_webhooks()
                if endpoint.get("url") == url
            )

    def register_webhook(
        self, url: str, *, reference: str, for_application: bool
    ) -> WebhookRegistration:
        form = {
            "url": url,
            "enabled_events": list(EVENT_TYPES),
            "api_version": stripe.api_version,
            "connect": for_application,
        }
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.create_webhook_endpoint(form, idempotency_key=reference)
        endpoint = refusals.get_success(answer)
        check(endpoint.get("url") == url, "url")
        return WebhookRegistration(
            external_id=translate.get_id(endpoint), url=url, secret=get_text(endpoint, "secret")
        )

    def remove_webhook(self, external_id: str) -> None:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.delete_webhook_endpoint(external_id)
        if not isinstance(answer, ErrorAnswer) or answer.status != 404:
            check(get_bool(refusals.get_success(answer), "deleted"), "deleted")

    def _iterate_webhooks(self) -> Iterator[Mapping[str, Any]]:
        after = ""
        while True:
            page = refusals.get_success(self._client.list_webhook_endpoints(after=after))
            rows = page.get("data")
            check(isinstance(rows, list), "data")
            endpoints = [as_mapping(row) for row in rows or []]
            yield from endpoints
            if not endpoints or not get_bool(page, "has_more"):
                return
            after = translate.get_id(endpoints[-1])
