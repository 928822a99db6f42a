"""The webhook addresses in the OpenAPI description. Their views are plain, so nothing reads it off
them."""

from typing import Any

_STRIPE_HEADER = "Stripe-Signature"
_SQUARE_HEADER = "x-square-hmacsha256-signature"

_PROCESSOR = {
    "name": "processor",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "enum": ["square", "stripe"]},
}
_CONNECTION = {
    "name": "connection_id",
    "in": "path",
    "required": True,
    "schema": {"type": "integer"},
}
_SIGNATURES = [
    {
        "name": _STRIPE_HEADER,
        "in": "header",
        "schema": {"type": "string"},
        "description": "Of Stripe's events: the second of signing and HMAC-SHA256 signatures"
        " (`v1`) over it and the raw body; at most 300 seconds old, or ahead.",
    },
    {
        "name": _SQUARE_HEADER,
        "in": "header",
        "schema": {"type": "string"},
        "description": "Of Square's events: HMAC-SHA256 over this address, as it is configured at"
        " Square, and the raw body.",
    },
]
_BODY = {
    "required": True,
    "description": "The event, byte by byte as its processor signed it.",
    "content": {"application/json": {"schema": {"type": "object", "additionalProperties": True}}},
}

_SCHEMAS: dict[str, Any] = {
    "WebhookReceipt": {
        "type": "object",
        "properties": {
            "received": {"type": "boolean"},
            "event_id": {"type": "string", "description": "As its processor names it."},
            "event_type": {"type": "string"},
            "duplicate": {"type": "boolean", "description": "It came before, and is stored once."},
        },
        "required": ["received", "event_id", "event_type", "duplicate"],
    },
    "WebhookAddress": {
        "type": "object",
        "properties": {
            "processor": {"type": "string"},
            "configured": {"type": "boolean", "description": "It has a secret to check by."},
            "last_event_at": {"type": "string", "format": "date-time", "nullable": True},
        },
        "required": ["processor", "configured", "last_event_at"],
    },
    "WebhookRefusal": {
        "type": "object",
        "properties": {
            "error": {
                "type": "object",
                "properties": {
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "details": {"type": "object", "additionalProperties": True},
                    "timestamp": {"type": "string", "format": "date-time"},
                    "request_id": {"type": "string"},
                },
                "required": ["code", "message", "details", "timestamp", "request_id"],
            },
        },
        "required": ["error"],
    },
}


def add_webhook_addresses(result: dict[str, Any], **_generator: Any) -> dict[str, Any]:
    """A hook of drf-spectacular, called with what it has found."""
    result["components"].setdefault("schemas", {}).update(_SCHEMAS)
    result["paths"]["/api/v1/webhooks/{processor}"] = _describe(
        "application", "for all accounts that an OAuth application is allowed", [_PROCESSOR]
    )
    result["paths"]["/api/v1/webhooks/{processor}/{connection_id}"] = _describe(
        "connection", "for one account, by the connection's own secret", [_PROCESSOR, _CONNECTION]
    )
    return result


def _describe(name: str, whose: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    shared: dict[str, Any] = {"tags": ["webhooks"], "security": [{}]}
    return {
        "post": {
            **shared,
            "operationId": f"webhooks_{name}_receive",
            "description": f"Where a processor tells of events, {whose}. Stored before the answer,"
            " handled afterwards.",
            "parameters": [*parameters, *_SIGNATURES],
            "requestBody": _BODY,
            "responses": {
                "200": _answer("WebhookReceipt", "Stored, now or before."),
                "400": _answer(
                    "WebhookRefusal",
                    "`WEBHOOK_SIGNATURE_INVALID`: not signed with a secret of this address, or not"
                    " now. `VALIDATION_ERROR`: signed, and no event; or too large.",
                ),
                "404": _answer("WebhookRefusal", "There is no such address."),
                "429": _answer("WebhookRefusal", "Too many events in an hour; see `Retry-After`."),
            },
        },
        "get": {
            **shared,
            "operationId": f"webhooks_{name}_retrieve",
            "description": "Whether the address is configured, and when the last event came.",
            "parameters": parameters,
            "responses": {
                "200": _answer("WebhookAddress", "No secret is given away."),
                "404": _answer("WebhookRefusal", "There is no such address."),
            },
        },
    }


def _answer(schema: str, description: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}
