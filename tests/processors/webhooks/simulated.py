"""Events as the simulated processors tell them of what really happened on an account there."""

from typing import Any

import httpx
from django.conf import settings

from processors.models import Connection
from tests.processors.webhooks.doors import square_event


def list_events(connection: Connection) -> list[dict[str, Any]]:
    """The events of a Stripe account, oldest first."""
    answer = _get(connection, "v1/events?limit=100")
    return [*reversed(answer["data"])]


def list_payments(connection: Connection) -> list[dict[str, Any]]:
    """The payments of a Square account, oldest first."""
    answer = _get(connection, "v2/payments?sort_order=ASC")
    found: list[dict[str, Any]] = answer.get("payments", [])
    return found


def list_payment_events(connection: Connection) -> list[dict[str, Any]]:
    """What a Square account would tell of its payments as they are now."""
    return [
        square_event("payment.updated", payment, merchant_id=connection.account_id)
        for payment in list_payments(connection)
    ]


def _get(connection: Connection, path: str) -> Any:
    base = {"stripe": settings.STRIPE_API_BASE, "square": settings.SQUARE_API_BASE}
    secret = next(iter(connection.get_access().credentials.values()))
    answer = httpx.get(
        f"{base[connection.processor]}/{path}",
        headers={"Authorization": f"Bearer {secret}"},
        trust_env=False,
    )
    return answer.raise_for_status().json()
