"""Sending events to the door as processors do, well or badly."""

import json
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client

from processors.models import Connection
from processors.operations.webhook_doors import add_webhook_secret
from processors.simulator.signatures import sign_for_square, sign_for_stripe
from tests.factories import LONG_AGO

EVENTS = Path(__file__).parent / "events"
SECRETS = {"stripe": "whsec_0123456789abcdef", "square": "Ibxx_5AKakO-3qeNVR61Dw"}
HEADERS = {"stripe": "Stripe-Signature", "square": "x-square-hmacsha256-signature"}


@dataclass(frozen=True)
class Door:
    """An address of ours, as the processor that holds `secret` sees it."""

    processor: str
    secret: str
    connection_id: int | None = None
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    @property
    def path(self) -> str:
        own = "" if self.connection_id is None else f"/{self.connection_id}"
        return f"/api/v1/webhooks/{self.processor}{own}"

    @property
    def address(self) -> str:
        return settings.PUBLIC_URL + self.path

    def sign(self, body: bytes, *, age_seconds: float = 0) -> str:
        if self.processor == "square":
            return sign_for_square(body, self.secret, self.address)
        return sign_for_stripe(body, self.secret, int(time.time() - age_seconds))

    def send(
        self, event: dict[str, Any] | bytes, *, signature: str | None = None, age_seconds: float = 0
    ) -> Any:
        """Post an event, signed unless another signature is given; "" sends none."""
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        signed = self.sign(body, age_seconds=age_seconds) if signature is None else signature
        headers = {HEADERS[self.processor]: signed} if signed else {}
        return self.client.post(
            self.path, data=body, content_type="application/json", headers=headers
        )

    def look(self) -> Any:
        return self.client.get(self.path)


def open_door(connection: Connection, secret: str = "") -> Door:
    """Give a connection a webhook secret; returns its door."""
    secret = secret or SECRETS[connection.processor]
    add_webhook_secret(connection=connection, secret=secret, by="usr_test", now=LONG_AGO)
    return Door(connection.processor, secret, connection.pk)


def stripe_event(kind: str, obj: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """An event of Stripe's about an object."""
    return {
        "id": f"evt_{uuid.uuid4().hex}",
        "object": "event",
        "api_version": "2026-08-26",
        "created": int(time.time()),
        "data": {"object": obj},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    } | fields


def square_event(kind: str, obj: dict[str, Any], *, merchant_id: str, **fields: Any) -> Any:
    """An event of Square's about an object."""
    noun = kind.partition(".")[0]
    return {
        "merchant_id": merchant_id,
        "type": kind,
        "event_id": str(uuid.uuid4()),
        "created_at": "2026-06-01T12:00:00.000Z",
        "data": {"type": noun, "id": obj.get("id", "1"), "object": {noun: obj}},
    } | fields


def load(name: str) -> Any:
    return json.loads((EVENTS / name).read_text(encoding="utf-8"))
