"""Reading a processor's JSON, of which nothing may be taken for granted. Pure.

Every `get_…` raises `NotUnderstood` naming the field, never its content; `find_…` allows absence.
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bookedbarber.foundation.money import LARGEST_MINOR, UnknownCurrency, get_decimal_places
from processors.errors import AnswerLost

MASK = "••••"
SECRET_FIELDS = frozenset({"client_secret", "secret", "access_token", "refresh_token"})

_LAST_SECOND = 253_402_300_799  # the end of the year 9999
_CODE = re.compile(r"[A-Za-z0-9_.\[\]-]{1,100}")
_REFERENCE = re.compile(r"[!-~]{1,40}")


class NotUnderstood(AnswerLost):
    """The processor's object does not say what it must."""

    def __init__(self, field: str) -> None:
        super().__init__(f"The processor's answer was not understood at {field}", field=field)


def check(is_so: bool, field: str) -> None:
    """
    :raises NotUnderstood: it is not so.
    """
    if not is_so:
        raise NotUnderstood(field)


def as_mapping(value: object, field: str = "the object") -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise NotUnderstood(field)
    return value


def get_mapping(obj: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    return as_mapping(obj.get(field), field)


def find_mapping(obj: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    """Return the object at `field`, an empty one where there is none."""
    value = obj.get(field)
    return {} if value is None else as_mapping(value, field)


def get_text(obj: Mapping[str, Any], field: str) -> str:
    value = find_text(obj, field)
    check(value != "", field)
    return value


def find_text(obj: Mapping[str, Any], field: str) -> str:
    """Return the text at `field`, "" where there is none."""
    value = obj.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise NotUnderstood(field)
    return clean_text(value)


def find_code(obj: Mapping[str, Any], field: str) -> str:
    """Return a vendor's code word, "" for what is not one: it may be shown and logged."""
    value = obj.get(field)
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""


def find_reference(obj: Mapping[str, Any], field: str) -> str:
    """Return our reference, "" for a text that cannot be one of ours."""
    value = obj.get(field)
    return value if isinstance(value, str) and _REFERENCE.fullmatch(value) else ""


def get_bool(obj: Mapping[str, Any], field: str) -> bool:
    value = obj.get(field)
    if not isinstance(value, bool):
        raise NotUnderstood(field)
    return value


def get_int(obj: Mapping[str, Any], field: str) -> int:
    value = obj.get(field)
    if not isinstance(value, int) or isinstance(value, bool):
        raise NotUnderstood(field)
    return value


def get_amount_minor(obj: Mapping[str, Any], field: str, *, least: int = 0) -> int:
    """Return an amount in minor units, from `least` to the largest we keep."""
    amount = get_int(obj, field)
    check(least <= amount <= LARGEST_MINOR, field)
    return amount


def get_currency(obj: Mapping[str, Any], field: str = "currency") -> str:
    """Return a currency we know, in capitals."""
    currency = get_text(obj, field).upper()
    check(is_known_currency(currency), field)
    return currency


def is_known_currency(currency: str) -> bool:
    try:
        get_decimal_places(currency)
    except UnknownCurrency:
        return False
    return True


def get_moment_of_seconds(obj: Mapping[str, Any], field: str) -> datetime:
    """Read seconds since 1970."""
    seconds = get_int(obj, field)
    check(0 < seconds <= _LAST_SECOND, field)
    return datetime.fromtimestamp(seconds, UTC)


def get_moment_of_text(obj: Mapping[str, Any], field: str) -> datetime:
    """Read an RFC 3339 moment that names its offset."""
    try:
        moment = datetime.fromisoformat(get_text(obj, field))
        check(moment.tzinfo is not None, field)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise NotUnderstood(field) from None


def is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


def mask(value: Any) -> Any:
    """Copy JSON without secrets, and without what a PostgreSQL JSON column cannot hold."""
    if isinstance(value, Mapping):
        return {
            clean_text(str(name)): MASK if name in SECRET_FIELDS and part else mask(part)
            for name, part in value.items()
        }
    if isinstance(value, list | tuple):
        return [mask(part) for part in value]
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def clean_text(text: str) -> str:
    """Drop NUL characters and halves of surrogate pairs."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
