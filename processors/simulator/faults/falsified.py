"""Well-formed answers that are not true: about another object, amount or currency."""

import hashlib
import string
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from processors.simulator.messages import Answer, json_answer, read_json

# Field name, value → the value shown instead.
Change = Callable[[str, Any], Any]

_IDENTIFIERS = {
    "id",
    "balance_transaction",
    "charge",
    "client_secret",
    "latest_charge",
    "order_id",
    "payment_id",
    "payment_intent",
    "receipt_number",
    "reference_id",
    "refund_id",
}
_LETTERS = string.ascii_letters + string.digits


def about_another_object(answer: Answer) -> Answer:
    """Every id of money, and our own reference, is another one: the same one for the same id."""
    return _change(answer, _other_identifier)


def with_another_amount(answer: Answer) -> Answer:
    """Every amount is one minor unit higher; what is zero stays zero."""
    return _change(answer, _other_amount)


def in_another_currency(answer: Answer) -> Answer:
    return _change(answer, _other_currency)


def _change(answer: Answer, change: Change) -> Answer:
    try:
        body = read_json(answer.body)
    except ValueError:
        return answer
    return replace(answer, body=json_answer(answer.status, _walk("", body, change)).body)


def _walk(name: str, value: Any, change: Change) -> Any:
    if isinstance(value, dict):
        # A reference of ours may have any name in there, so its values are treated as ids.
        inside = "id" if name == "metadata" else None
        return {key: _walk(inside or key, each, change) for key, each in value.items()}
    if isinstance(value, list):
        return [_walk(name, each, change) for each in value]
    return change(name, value)


def _other_identifier(name: str, value: Any) -> Any:
    if name not in _IDENTIFIERS or not isinstance(value, str):
        return value
    prefix, underscore, unique = value.rpartition("_")
    return prefix + underscore + _scramble(unique)


def _scramble(unique: str) -> str:
    digest = hashlib.sha512(unique.encode()).digest()
    return "".join(_LETTERS[digest[n % len(digest)] % 62] for n in range(len(unique)))


def _other_amount(name: str, value: Any) -> Any:
    is_amount = name.startswith("amount") and isinstance(value, int) and value > 0
    return value + 1 if is_amount else value


def _other_currency(name: str, value: Any) -> Any:
    if name != "currency" or not isinstance(value, str):
        return value
    other = "EUR" if value.upper() == "USD" else "USD"
    return other.lower() if value.islower() else other
