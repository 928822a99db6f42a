"""Stripe's lists: `limit`, `starting_after`, `ending_before`, `created[gte]`, `has_more`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from processors.simulator.call import Call
from processors.simulator.messages import Json
from processors.simulator.objects import Query, visible
from processors.simulator.stripe_api.errors import invalid

_DEFAULT_LIMIT = 10
_HIGHEST_LIMIT = 100
_LAST_SECOND = 253_402_300_799


@dataclass(frozen=True, slots=True)
class Page:
    """A query for one object more than asked for, which tells whether there are more."""

    query: Query
    limit: int
    is_backwards: bool


def read_page(
    call: Call,
    *,
    equal: Mapping[str, Any] | None = None,
    parent: str | None = None,
    without: tuple[str, ...] = (),
) -> Page:
    """Read the parameters every list has.

    `equal` drops its Nones; `without` names fields a listed object does not have.

    :raises StripeError: 400 for a limit outside 1..100 or both directions at once.
    """
    limit = call.parameters.get("limit", _DEFAULT_LIMIT)
    if not 1 <= limit <= _HIGHEST_LIMIT:
        code = "parameter_invalid_integer"
        raise invalid(f"Invalid limit: {limit} is not between 1 and 100", code=code, param="limit")
    after, before = call.parameters.get("starting_after"), call.parameters.get("ending_before")
    if after and before:
        raise invalid("You can only pass one of starting_after and ending_before.")
    since_ms, until_ms = _read_created(call.parameters.get("created"))
    wanted = {name: value for name, value in (equal or {}).items() if value is not None}
    query = Query(
        equal=wanted | dict.fromkeys(without),
        parent=parent,
        since_ms=since_ms,
        until_ms=until_ms,
        beyond=after or before,
        newest_first=not before,
        limit=limit + 1,
    )
    return Page(query, limit, is_backwards=bool(before))


def _read_created(created: Any) -> tuple[int | None, int | None]:
    """Stripe compares whole seconds; ours are half-open intervals of milliseconds."""
    if created is None:
        return None, None
    if isinstance(created, int | str):
        moment = _seconds(created)
        return moment * 1000, (moment + 1) * 1000
    since = max(_seconds(created.get("gte", 0)), _seconds(created.get("gt", -1)) + 1)
    until = min(
        _seconds(created.get("lt", _LAST_SECOND)), _seconds(created.get("lte", _LAST_SECOND)) + 1
    )
    return since * 1000, until * 1000


def _seconds(value: int | str) -> int:
    try:
        return int(value)
    except ValueError:
        raise invalid(f"Invalid timestamp: {value}", param="created") from None


def list_answer(url: str, found: list[Json], page: Page) -> Json:
    """One page of Stripe's list object."""
    shown = found[: page.limit]
    if page.is_backwards:
        shown = shown[::-1]
    return {"object": "list", "url": url, "has_more": len(found) > page.limit, "data": shown}


def list_objects(call: Call, kind: str, url: str, page: Page) -> Json:
    """:raises StripeError: 400 when the object to go on from is not there."""
    try:
        found = call.list(kind, page.query)
    except LookupError as error:
        param = "ending_before" if page.is_backwards else "starting_after"
        message = f"No such {kind}: '{error}'"
        raise invalid(message, code="resource_missing", param=param) from error
    return list_answer(url, [visible(body) for body in found], page)
