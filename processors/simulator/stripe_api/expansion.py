"""`expand[]`: an id in an answer becomes the object itself."""

from typing import Any

from processors.simulator.call import Call
from processors.simulator.messages import Json
from processors.simulator.objects import visible
from processors.simulator.stripe_api.balance_transactions import with_status
from processors.simulator.stripe_api.errors import invalid

_EXPANDABLE = {
    "payment_intent": {"customer", "latest_charge", "payment_method"},
    "charge": {"balance_transaction", "customer", "payment_intent", "source_transfer"},
    "refund": {"balance_transaction", "charge", "failure_balance_transaction", "payment_intent"},
    "balance_transaction": {"source"},
    "dispute": {"charge", "payment_intent"},
    "payout": {"balance_transaction", "failure_balance_transaction"},
    "transfer": {"balance_transaction", "destination_payment", "source_transaction"},
    "transfer_reversal": {"balance_transaction", "destination_payment_refund", "transfer"},
    "payment_method": {"customer"},
    "setup_intent": {"customer", "mandate", "payment_method"},
    "checkout.session": {"customer", "setup_intent"},
}
_DEEPEST = 4


def expand(call: Call, body: Json, paths: list[str]) -> Json:
    """The answer with each path such as `latest_charge.balance_transaction` filled in.

    :raises StripeError: 400, the path is too deep or leads through something not expandable.
    """
    expanded: Json = visible(body)
    for path in paths:
        steps = path.split(".")
        if len(steps) > _DEEPEST:
            raise invalid(f"You cannot expand more than {_DEEPEST} levels: {path}", param="expand")
        expanded = _expand_path(call, expanded, steps, path)
    return expanded


def _expand_path(call: Call, body: Json, steps: list[str], path: str) -> Json:
    name, *rest = steps
    if body.get("object") == "list" and name == "data":
        lines = [_expand_path(call, line, rest, path) if rest else line for line in body["data"]]
        return {**body, "data": lines}
    if name not in _EXPANDABLE.get(body.get("object", ""), ()):
        message = f"This property cannot be expanded ({path})."
        raise invalid(message, code="property_cannot_be_expanded", param="expand")
    inner = _resolve(call, body.get(name))
    if isinstance(inner, dict) and rest and not _is_passed_over(body, inner, rest[0]):
        inner = _expand_path(call, inner, rest, path)
    return {**body, name: inner}


def _is_passed_over(body: Json, inner: Json, name: str) -> bool:
    """A transaction's source is of many kinds; Stripe expands what those have that have it."""
    is_of_many_kinds = body.get("object") == "balance_transaction"
    is_known = any(name in expandable for expandable in _EXPANDABLE.values())
    has_it = name in _EXPANDABLE.get(inner.get("object", ""), ())
    return is_of_many_kinds and is_known and not has_it


def _resolve(call: Call, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    found = call.simulation.objects.find_anywhere(value)
    if found is None or found[0].account_id != call.account.account_id:
        return value
    inner = visible(found[1])
    return with_status(call, inner) if inner["object"] == "balance_transaction" else inner
