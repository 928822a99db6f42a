"""Friendly names for what a call asks for, the same at both vendors."""

from typing import Literal, get_args

from processors.simulator.routing import Route

Operation = Literal[
    "charge", "confirm", "capture", "cancel", "refund", "transfer", "list", "retrieve"
]
OPERATIONS: tuple[str, ...] = get_args(Operation)

_BY_LAST_SEGMENT: dict[str, Operation] = {
    "payment_intents": "charge",
    "payments": "charge",
    "confirm": "confirm",
    "capture": "capture",
    "complete": "capture",
    "cancel": "cancel",
    "refunds": "refund",
    "transfers": "transfer",
}
_SINGLE = ("/v1/account", "/v1/balance")


def find_operation(route: Route) -> Operation | None:
    """The name, or None: a rule reaches such a call by its path."""
    last = route.pattern.rsplit("/", 1)[-1]
    if route.method == "GET":
        return "retrieve" if last.startswith("{") or route.pattern in _SINGLE else "list"
    return _BY_LAST_SEGMENT.get(last) if route.method == "POST" else None
