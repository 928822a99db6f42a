"""Webhook endpoints: where an account wants to hear of its events."""

import secrets
from urllib.parse import urlsplit

from processors.simulator.call import Call
from processors.simulator.identifiers import stripe_id
from processors.simulator.messages import Json
from processors.simulator.stripe_api.customers import merge_metadata
from processors.simulator.stripe_api.errors import invalid, missing
from processors.simulator.stripe_api.listing import list_objects, read_page

KIND = "webhook_endpoint"


def create(call: Call) -> Json:
    """The secret is in this answer and in no other."""
    given = call.parameters
    secret = f"whsec_{secrets.token_hex(16)}"
    endpoint = build_endpoint(
        _checked_url(given["url"]), secret, given["enabled_events"], call.now_ms
    )
    endpoint |= {
        "api_version": given.get("api_version"),
        "description": given.get("description") or None,
        "metadata": given.get("metadata") or {},
        "_connect": bool(given.get("connect")),
    }
    call.save(KIND, endpoint)
    return {**endpoint, "secret": secret}


def build_endpoint(url: str, secret: str, types: list[str], created_ms: int) -> Json:
    return {
        "id": stripe_id("we"),
        "object": "webhook_endpoint",
        "api_version": None,
        "application": None,
        "created": created_ms // 1000,
        "description": None,
        "enabled_events": types,
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
        "_secret": secret,
        "_connect": False,
    }


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise invalid("Invalid URL: an explicit scheme (such as https) is needed.", param="url")
    return url


def _get_endpoint(call: Call) -> Json:
    endpoint = call.find(KIND, call.ids["id"])
    if endpoint is None:
        raise missing("webhook endpoint", call.ids["id"])
    return endpoint


def retrieve(call: Call) -> Json:
    return _get_endpoint(call)


def update(call: Call) -> Json:
    endpoint = _get_endpoint(call)
    given = call.parameters
    if "url" in given:
        endpoint["url"] = _checked_url(given["url"])
    if "disabled" in given:
        endpoint["status"] = "disabled" if given["disabled"] else "enabled"
    for name in ("enabled_events", "description"):
        if name in given:
            endpoint[name] = given[name] or None
    merge_metadata(endpoint, given)
    call.save(KIND, endpoint)
    return endpoint


def delete(call: Call) -> Json:
    endpoint = _get_endpoint(call)
    call.simulation.objects.delete(call.scope(KIND), endpoint["id"])
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}


def list_endpoints(call: Call) -> Json:
    return list_objects(call, KIND, "/v1/webhook_endpoints", read_page(call))
