"""Square's lists: `begin_time`, `end_time`, `sort_order`, `limit` and an opaque `cursor`."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from typing import Any

from processors.simulator.call import Call
from processors.simulator.identifiers import from_iso
from processors.simulator.messages import Json
from processors.simulator.objects import Query, visible
from processors.simulator.square_api.errors import SquareError

_HIGHEST_LIMIT = 100
_YEAR_MS = 365 * 24 * 60 * 60 * 1000


def read_query(
    call: Call,
    *,
    equal: Mapping[str, Any] | None = None,
    parent: str | None = None,
    has_times: bool = True,
) -> Query:
    """The query a list request asks for, with one object more than fits on the page.

    Without `begin_time` Square looks back one year. A limit above the highest counts as the
    highest.

    :raises SquareError: 400 for a time, an order or a cursor that is none.
    """
    given = call.parameters
    changed = _read_time(given, "updated_at_begin_time"), _read_time(given, "updated_at_end_time")
    since_ms, until_ms = _read_window(call) if has_times and changed == (None, None) else (0, None)
    return Query(
        equal={name: value for name, value in (equal or {}).items() if value is not None},
        parent=parent,
        since_ms=since_ms,
        until_ms=until_ms,
        changed_since_ms=changed[0],
        changed_until_ms=changed[1],
        by_change=given.get("sort_field") == "UPDATED_AT",
        beyond=_read_cursor(given.get("cursor")),
        newest_first=_is_newest_first(given.get("sort_order")),
        limit=_read_limit(given.get("limit")) + 1,
    )


def _read_window(call: Call) -> tuple[int, int]:
    since_ms = _read_time(call.parameters, "begin_time")
    until_ms = _read_time(call.parameters, "end_time")
    since_ms = call.now_ms - _YEAR_MS if since_ms is None else since_ms
    until_ms = call.now_ms + 1 if until_ms is None else until_ms
    if since_ms > until_ms:
        detail = "`begin_time` must not be after `end_time`."
        raise SquareError(400, "INVALID_TIME_RANGE", detail)
    return since_ms, until_ms


def _read_time(given: Json, name: str) -> int | None:
    text = given.get(name)
    if not text:
        return None
    try:
        return from_iso(text)
    except ValueError:
        detail = f"`{text}` is not an RFC 3339 time."
        raise SquareError(400, "INVALID_TIME", detail, field=name) from None


def _read_limit(limit: int | None) -> int:
    if limit is None or limit > _HIGHEST_LIMIT:
        return _HIGHEST_LIMIT
    if limit < 1:
        detail = "`limit` must be greater than 0."
        raise SquareError(400, "VALUE_TOO_LOW", detail, field="limit")
    return limit


def _is_newest_first(order: str | None) -> bool:
    if order not in (None, "", "ASC", "DESC"):
        detail = f"`{order}` is neither ASC nor DESC."
        raise SquareError(400, "INVALID_SORT_ORDER", detail, field="sort_order")
    return order != "ASC"


def _read_cursor(cursor: str | None) -> str | None:
    if not cursor:
        return None
    try:
        return urlsafe_b64decode(cursor).decode()
    except (NotBase64, UnicodeDecodeError):
        raise _bad_cursor() from None


def _bad_cursor() -> SquareError:
    return SquareError(400, "INVALID_CURSOR", "The pagination cursor is invalid.", field="cursor")


def list_page(call: Call, kind: str, query: Query) -> tuple[list[Json], str | None]:
    """The objects of one page, and the cursor of the next one.

    :raises SquareError: 400, the cursor leads nowhere.
    """
    try:
        found = call.list(kind, query)
    except LookupError:
        raise _bad_cursor() from None
    shown = found[: query.limit - 1]
    has_more = len(found) > len(shown)
    cursor = urlsafe_b64encode(shown[-1]["id"].encode()).decode() if has_more else None
    return [visible(body) for body in shown], cursor
