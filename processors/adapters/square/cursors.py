"""Where to go on in Square's lists. Pure.

Square goes on from where a row stands *now*: if that row changes between two pages, the rows it
overtakes are left out. So in lists by change we go on from the last row's moment, which stays; its
cursor only helps over more rows of one moment than fit on a page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from processors.transport.answers import check, get_moment_of_text

# The last moment is read again: it may have more rows than came, and the limit may be exclusive.
_AGAIN = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class ChangeCursor:
    """A list by change: what changed from `begin` on, and Square's own cursor within that."""

    begin: datetime
    cursor: str = ""

    @classmethod
    def read(cls, text: str, *, since: datetime) -> Self:
        """
        :raises NotUnderstood: it is none of ours.
        """
        if not text:
            return cls(since)
        moment, _, cursor = text.partition(" ")
        return cls(get_moment_of_text({"cursor": moment}, "cursor"), cursor)

    def __str__(self) -> str:
        return f"{to_text(self.begin)} {self.cursor}"

    def get_next(self, items: Sequence[Mapping[str, Any]], cursor: str) -> str:
        """Where the page after `items` begins; "" when Square names no further one."""
        if not cursor:
            return ""
        moments = [get_moment_of_text(item, "updated_at") for item in items]
        begin = max(moments, default=self.begin) - _AGAIN
        if begin > self.begin:
            return str(ChangeCursor(begin))
        check(cursor != self.cursor, "cursor")
        return str(ChangeCursor(self.begin, cursor))


@dataclass(frozen=True, slots=True)
class PayoutsCursor:
    """A list of lists: payouts one by one, and the entries of each.

    `entries` goes on within `payout`; `after` is Square's cursor to the next payout.
    """

    payout: str = ""
    entries: str = ""
    after: str = ""

    @classmethod
    def read(cls, text: str) -> Self:
        """
        :raises NotUnderstood: it is none of ours.
        """
        if not text:
            return cls()
        parts = text.split(" ")
        check(len(parts) == 3, "cursor")
        return cls(*parts)

    def __str__(self) -> str:
        """ "" at the end of both lists."""
        if not (self.entries or self.after):
            return ""
        return f"{self.payout} {self.entries} {self.after}"


def to_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
