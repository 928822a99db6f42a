"""What every adapter asks of the statements it reads."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from bookedbarber.foundation.errors import DomainError, Refused, Unavailable
from processors.contract import ChargeRequest, ChargeState, ChargeStatement
from processors.errors import AnswerLost, ListTooLong
from processors.transport.answers import check

# Nothing moved and nothing will.
_DEAD = frozenset({ChargeState.FAILED, ChargeState.CANCELED})
# Nothing stands in the way of canceling or capturing, or of the payer.
_OPEN = frozenset({ChargeState.AUTHORIZED, ChargeState.REQUIRES_ACTION})


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list held from `since` on; of one too long to be read in time, its beginning."""

    since: datetime
    items: Sequence[Mapping[str, Any]]
    is_whole: bool


_SharedLists = dict[str, Listing]
_shared: ContextVar[_SharedLists | None] = ContextVar("shared_lists", default=None)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `cursor` leads to the next one, "" when there is none."""

    items: Sequence[Mapping[str, Any]]
    cursor: str


def read_pages(fetch: Callable[[str], Page]) -> Iterator[Mapping[str, Any]]:
    """Read a list to its end.

    :raises NotUnderstood: it leads back to where it has been.
    """
    for page in _follow(fetch):
        yield from page.items


def _follow(fetch: Callable[[str], Page]) -> Iterator[Page]:
    seen = {""}
    page = fetch("")
    yield page
    while page.cursor:
        check(page.cursor not in seen, "cursor")
        seen.add(page.cursor)
        page = fetch(page.cursor)
        yield page


@contextmanager
def shared_lists() -> Iterator[None]:
    """Inside the block a list is read once for all who ask for it, as it was when first read."""
    token = _shared.set({})
    try:
        yield
    finally:
        _shared.reset(token)


def read_list(name: str, since: datetime, fetch: Callable[[str], Page]) -> Listing:
    """Read what was made from `since` on, or take what others have just read of the same list.

    Begins no page after `LIST_SECONDS`, so that there is time left for another question.

    :raises NotUnderstood: it leads back to where it has been.
    """
    shared = _shared.get()
    known = None if shared is None else shared.get(name)
    if known is not None and known.since <= since:
        return known
    listing = _read_in_time(since, fetch)
    if shared is not None:
        shared[name] = listing
    return listing


def find_in(
    listing: Listing, is_ours: Callable[[Mapping[str, Any]], bool]
) -> Sequence[Mapping[str, Any]]:
    """
    :raises ListTooLong: it is not in what could be read of it, which says nothing of the rest.
    """
    ours = [item for item in listing.items if is_ours(item)]
    if not ours and not listing.is_whole:
        raise ListTooLong(listed=len(listing.items))
    return ours


def _read_in_time(since: datetime, fetch: Callable[[str], Page]) -> Listing:
    end = time.monotonic() + settings.LIST_SECONDS
    items: list[Mapping[str, Any]] = []
    for page in _follow(fetch):
        items += page.items
        if page.cursor and time.monotonic() >= end:
            return Listing(since, items, is_whole=False)
    return Listing(since, items, is_whole=True)


def check_charged(statement: ChargeStatement, request: ChargeRequest) -> ChargeStatement:
    """Return the success that answered a charge.

    :raises NotUnderstood: it is in a state that a charge cannot bring about.
    """
    is_held = statement.state is ChargeState.AUTHORIZED
    check(statement.state not in _DEAD and not (is_held and request.capture), "status")
    return statement


def choose_statement(found: Sequence[ChargeStatement]) -> ChargeStatement | None:
    """Choose among the payments that carry one reference of ours; None where there is none.

    :raises NotUnderstood: more than one of them may move money.
    """
    live = [statement for statement in found if statement.state not in _DEAD]
    check(len(live) <= 1, "reference")
    return next(iter(live or found), None)


def explain_refusal(refusal: DomainError, ask: Callable[[], ChargeStatement]) -> ChargeStatement:
    """Say where a payment stands that refused to be canceled or captured.

    :raises RequestRefused: the refusal itself, where the payment's state does not explain it.
    :raises AnswerLost: it could not be asked: an earlier sending may have had its effect.
    """
    statement = _ask(ask)
    if statement.state in _OPEN:
        raise refusal
    return statement


def _ask(ask: Callable[[], ChargeStatement]) -> ChargeStatement:
    try:
        return ask()
    except (Refused, Unavailable) as error:
        cause = type(error).__name__
    raise AnswerLost(cause=cause)
