"""Reading an event's JSON, whoever sent it. Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any

from processors.transport.answers import NotUnderstood, as_mapping

# What may stand in an index and in a log; a processor's ids and types are no other text.
_NAME = re.compile(r"[!-~]{1,100}")
_TYPE = re.compile(r"[a-z0-9_.]{1,100}")


def parse_event(body: bytes) -> Mapping[str, Any]:
    """
    :raises NotUnderstood: it is not a JSON object in UTF-8.
    """
    try:
        return as_mapping(json.loads(body.decode()), "the body")
    except (ValueError, RecursionError):
        raise NotUnderstood("the body") from None


def get_name(event: Mapping[str, Any], field: str) -> str:
    """
    :raises NotUnderstood: there is no name at `field`.
    """
    value = event.get(field)
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise NotUnderstood(field)
    return value


def get_type(event: Mapping[str, Any]) -> str:
    value = event.get("type")
    if not isinstance(value, str) or not _TYPE.fullmatch(value):
        raise NotUnderstood("type")
    return value


def find_name(event: Mapping[str, Any], field: str) -> str:
    """Return the name at `field`, "" where there is none that could be one."""
    value = event.get(field)
    return value if isinstance(value, str) and _NAME.fullmatch(value) else ""


def find_account_name(event: Mapping[str, Any], field: str) -> str:
    """Return the account at `field`, "" where there is none.

    :raises NotUnderstood: what is there cannot be one.
    """
    return get_name(event, field) if event.get(field) is not None else ""
