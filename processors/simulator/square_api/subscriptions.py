"""Webhook subscriptions: where an account wants to hear of its events."""

import secrets
import uuid
from urllib.parse import urlsplit

from square.types.create_webhook_subscription_response import CreateWebhookSubscriptionResponse
from square.types.delete_webhook_subscription_response import DeleteWebhookSubscriptionResponse
from square.types.get_webhook_subscription_response import GetWebhookSubscriptionResponse
from square.types.list_webhook_subscriptions_response import ListWebhookSubscriptionsResponse
from square.types.test_webhook_subscription_response import TestWebhookSubscriptionResponse
from square.types.update_webhook_subscription_response import UpdateWebhookSubscriptionResponse
from square.types.update_webhook_subscription_signature_key_response import (
    UpdateWebhookSubscriptionSignatureKeyResponse,
)

from processors.simulator.call import Call
from processors.simulator.delivery import post
from processors.simulator.events import Event
from processors.simulator.identifiers import to_iso
from processors.simulator.messages import Json
from processors.simulator.objects import dump
from processors.simulator.signatures import sign_for_square
from processors.simulator.square_api import events
from processors.simulator.square_api.answers import respond
from processors.simulator.square_api.errors import SquareError, not_found
from processors.simulator.square_api.listing import list_page, read_query

KIND = "webhook_subscription"
_CHANGEABLE = ("name", "enabled", "event_types", "notification_url")


def create(call: Call) -> CreateWebhookSubscriptionResponse:
    """:raises SquareError: 400, the address or the event types are missing."""
    given = call.parameters["subscription"]
    url = _checked_url(given.get("notification_url"))
    if not given.get("event_types"):
        name = "subscription.event_types"
        raise SquareError(
            400, "MISSING_REQUIRED_PARAMETER", f"Field must be set: {name}", field=name
        )
    subscription = build_subscription(
        url, secrets.token_urlsafe(16), given["event_types"], call.now_ms
    )
    subscription |= {
        "name": given.get("name") or "Webhook",
        "enabled": given.get("enabled") is not False,
        "api_version": given.get("api_version") or "2025-08-20",
    }
    call.save(KIND, subscription)
    return respond(CreateWebhookSubscriptionResponse, subscription=subscription)


def build_subscription(url: str, key: str, types: list[str], moment_ms: int) -> Json:
    created_at = to_iso(moment_ms)
    return {
        "id": f"wbhk_{secrets.token_hex(16)}",
        "name": "Webhook",
        "enabled": True,
        "event_types": types,
        "notification_url": url,
        "signature_key": key,
        "created_at": created_at,
        "updated_at": created_at,
    }


def _checked_url(url: str | None) -> str:
    parts = urlsplit(url or "")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        name = "subscription.notification_url"
        raise SquareError(400, "INVALID_VALUE", f"`{url}` is not a URL.", field=name)
    return url or ""


def _get_subscription(call: Call) -> Json:
    subscription = call.find(KIND, call.ids["subscription_id"])
    if subscription is None:
        raise not_found("subscription", call.ids["subscription_id"])
    return subscription


def _change(call: Call, subscription: Json, changes: Json) -> Json:
    subscription |= {**changes, "updated_at": to_iso(call.now_ms)}
    call.save(KIND, subscription)
    return subscription


def retrieve(call: Call) -> GetWebhookSubscriptionResponse:
    return respond(GetWebhookSubscriptionResponse, subscription=_get_subscription(call))


def update(call: Call) -> UpdateWebhookSubscriptionResponse:
    given = call.parameters.get("subscription") or {}
    if "notification_url" in given:
        _checked_url(given["notification_url"])
    changes = {name: given[name] for name in _CHANGEABLE if given.get(name) is not None}
    subscription = _change(call, _get_subscription(call), changes)
    return respond(UpdateWebhookSubscriptionResponse, subscription=subscription)


def update_key(call: Call) -> UpdateWebhookSubscriptionSignatureKeyResponse:
    """A new signature key; the old one stops at once."""
    key = secrets.token_urlsafe(16)
    _change(call, _get_subscription(call), {"signature_key": key})
    return respond(UpdateWebhookSubscriptionSignatureKeyResponse, signature_key=key)


def delete(call: Call) -> DeleteWebhookSubscriptionResponse:
    subscription = _get_subscription(call)
    call.simulation.objects.delete(call.scope(KIND), subscription["id"])
    return respond(DeleteWebhookSubscriptionResponse)


def test(call: Call) -> TestWebhookSubscriptionResponse:
    """Post a test event now and tell what the endpoint answered."""
    subscription = _get_subscription(call)
    event_type = call.parameters.get("event_type") or subscription["event_types"][0]
    payload = _build_test_payload(call, event_type)
    body = dump(payload).encode()
    url = subscription["notification_url"]
    signature = sign_for_square(body, subscription["signature_key"], url)
    headers = {
        "Content-Type": "application/json",
        "x-square-hmacsha256-signature": signature,
    }
    outcome = post(url, body, headers)
    at = to_iso(call.now_ms)
    result = {
        "id": str(uuid.uuid4()),
        "status_code": outcome.status or 0,
        "payload": payload,
        "created_at": at,
        "updated_at": at,
        "notification_url": url,
        "passes_filter": True,
    }
    return respond(TestWebhookSubscriptionResponse, subscription_test_result=result)


def _build_test_payload(call: Call, event_type: str) -> Json:
    test_id = str(uuid.uuid4())
    example = Event(
        processor="square",
        account_id=call.account.account_id,
        type=event_type,
        object_id=test_id,
        created_ms=call.now_ms,
        snapshot=dump({"id": test_id}),
        id=str(uuid.uuid4()),
    )
    return events.render(example)


def list_subscriptions(call: Call) -> ListWebhookSubscriptionsResponse:
    equal = {} if call.parameters.get("include_disabled") else {"enabled": True}
    query = read_query(call, equal=equal, has_times=False)
    subscriptions, cursor = list_page(call, KIND, query)
    return respond(ListWebhookSubscriptionsResponse, subscriptions=subscriptions, cursor=cursor)
