"""Lists: `limit`, `offset`, and `cursor` for large ones; newest first, no COUNT(*)."""

import base64
import re
from collections.abc import Callable
from typing import Any

from django.db.models import Model, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

DEFAULT_LIMIT = 50
MAX_LIMIT = 100
MAX_OFFSET = 10_000
_DIGITS = re.compile(r"\d{1,18}", re.ASCII)


def paginate(request: Request, rows: QuerySet[Any], render: Callable[[Any], Any]) -> Response:
    """One page of `rows` by descending id, each rendered.

    :raises ValidationError: limit, offset or cursor make no sense; names the parameter.
    """
    limit = _read_number(request, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT)
    offset = _read_number(request, "offset", 0, 0, MAX_OFFSET)
    ordered = rows.order_by("-pk")
    if cursor := request.query_params.get("cursor"):
        ordered = ordered.filter(pk__lt=_read_cursor(cursor))
    found = list(ordered[offset : offset + limit + 1])
    page, has_more = found[:limit], len(found) > limit
    pagination = {
        "limit": limit,
        "offset": offset,
        "has_more": has_more,
        "next_cursor": _write_cursor(page[-1]) if has_more else None,
    }
    return Response({"data": [render(row) for row in page], "pagination": pagination})


def _read_number(request: Request, name: str, default: int, low: int, high: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not _DIGITS.fullmatch(text) or not low <= int(text) <= high:
        raise ValidationError({name: [f"A whole number from {low} to {high} is required."]})
    return int(text)


def _write_cursor(row: Model) -> str:
    return base64.urlsafe_b64encode(str(row.pk).encode()).decode()


def _read_cursor(cursor: str) -> int:
    try:
        text = base64.b64decode(cursor, altchars=b"-_", validate=True).decode("ascii")
    except ValueError:
        text = ""
    if not _DIGITS.fullmatch(text):
        raise ValidationError({"cursor": ["Not a cursor that this list gave out."]})
    return int(text)
