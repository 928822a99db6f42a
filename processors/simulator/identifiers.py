"""Ids in the vendors' looks, and moments in their formats."""

import secrets
from datetime import UTC, datetime


def stripe_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def square_id() -> str:
    return secrets.token_hex(11).upper()


def to_iso(moment_ms: int) -> str:
    """RFC 3339 with milliseconds and `Z`, as Square writes moments."""
    moment = datetime.fromtimestamp(moment_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_iso(text: str) -> int:
    """Milliseconds since the epoch of an RFC 3339 moment; without an offset it is UTC.

    :raises ValueError: it is not a moment.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
