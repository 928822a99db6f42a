"""JSON as the API takes it: of limited size, exact numbers, no NaN."""

import itertools
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any, NoReturn

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

MAX_DEPTH = 32
# NUL, and halves of surrogate pairs, which JSON can write and UTF-8 cannot.
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")


class StrictJSONParser(JSONParser):
    """Numbers with a point become `Decimal`, so 75.005 stays 75.005."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """
        :raises ParseError: too large, too deep, not UTF-8, not JSON, not an object, or with
            characters that the database cannot hold.
        """
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise ParseError(f"The request body is larger than {limit} bytes")
        try:
            text = raw.decode("utf-8")
            body = json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
        except (ValueError, ArithmeticError, RecursionError) as error:
            raise ParseError("The request body is not valid JSON") from error
        if not isinstance(body, dict):
            raise ParseError("The request body must be a JSON object")
        _check_content(body, MAX_DEPTH)
        return body


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _check_content(value: Any, depth: int) -> None:
    """Refuse here what would break deep inside: in a recursion, an encoder or the database."""
    if isinstance(value, str) and _NOT_STORABLE.search(value):
        raise ParseError("The request body contains characters that cannot be stored")
    if not isinstance(value, dict | list):
        return
    if depth == 0:
        raise ParseError(f"The request body is nested more than {MAX_DEPTH} levels deep")
    parts = itertools.chain(value, value.values()) if isinstance(value, dict) else value
    for part in parts:
        _check_content(part, depth - 1)


def to_plain(body: Any) -> Any:
    """A parsed body with its decimals as text, so that it can be hashed or stored as JSON."""
    if isinstance(body, dict):
        return {name: to_plain(value) for name, value in body.items()}
    if isinstance(body, list):
        return [to_plain(value) for value in body]
    return str(body) if isinstance(body, Decimal) else body
