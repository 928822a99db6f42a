"""An account's own lists: everything that moved money there, page by page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from bookedbarber.foundation.money import Money

from .disputes import DisputeStatement
from .movements import Movement, MovementKind
from .refunds import RefundStatement


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A listed object that does not say what it must, and where: never its content."""

    external_id: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A movement that a payout's entry names, and that another list describes."""

    kind: MovementKind
    external_id: str
    amount: Money
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """One page of a list.

    `seen` counts what the processor listed; `not_used` those that move no money of their own, by
    the processor's word for them. `next_cursor` leads to the next page, "" when this was the last
    one.
    """

    movements: tuple[Movement, ...] = ()
    refunds: tuple[RefundStatement, ...] = ()
    disputes: tuple[DisputeStatement, ...] = ()
    mentions: tuple[Mention, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    not_used: Mapping[str, int] = field(default_factory=dict)
    seen: int = 0
    next_cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDescription:
    """A list's name, and how it must be read.

    `overlap` is for lists that go by creation although their objects change later: this much is
    read again each time. What changes seldom and takes many calls `is_slow`.
    """

    name: str
    overlap: timedelta = timedelta(0)
    is_slow: bool = False


@runtime_checkable
class MovementLists(Protocol):
    """Reading everything that moved money on an account."""

    LISTS: tuple[ListDescription, ...]

    def read_page(self, name: str, *, since: datetime, cursor: str) -> ListPage:
        """Read what came into a list, or changed, from `since` on: its first page, or the one
        that `cursor` leads to.

        A row may come twice; none is left out because another came or changed in between, except
        by coming or changing itself after the first page was read.

        :raises CredentialsRefused: the account's credentials are no longer valid.
        :raises RequestRefused: the processor will not list it, or not from that cursor.
        :raises ProcessorNotReached: no connection, or told to slow down (`ProcessorBusy`).
        :raises AnswerLost: anything else, such as a page that is none.
        """
        ...
