"""Putting a page of an account's list together from what the processor lists."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from processors.contract import (
    DisputeStatement,
    ListPage,
    Mention,
    Movement,
    RefundStatement,
    Unreadable,
    list_sides,
)
from processors.transport.answers import NotUnderstood

Item = Mapping[str, Any]


class PageReading:
    """A page as it is read; an object that cannot be read is named and does not stop the rest."""

    def __init__(self, get_id: Callable[[Item], str]) -> None:
        self._get_id = get_id
        self._movements: dict[tuple[str, str], Movement] = {}
        self._refunds: list[RefundStatement] = []
        self._disputes: list[DisputeStatement] = []
        self._unreadable: list[Unreadable] = []
        self._mentions: list[Mention] = []
        self._unused: Counter[str] = Counter()
        self._seen = 0

    def read(self, items: Iterable[Item], add: Callable[[Item], None]) -> None:
        """
        :raises NotUnderstood: something listed has no name: that is no page of this list.
        """
        for item in items:
            name = self._get_id(item)
            self._seen += 1
            try:
                add(item)
            except NotUnderstood as error:
                field = str(error.details["field"])
                self._unreadable.append(Unreadable(external_id=name, field=field))

    def add_unused(self, reason: str) -> None:
        self._unused[reason] += 1

    def add_mention(self, mention: Mention) -> None:
        self._mentions.append(mention)

    def add_movements(self, movements: Iterable[Movement]) -> None:
        """Keep one statement about each object, the newest: it may stand on a page twice.

        What was converted is there with its sides.
        """
        for movement in (side for one in movements for side in list_sides(one)):
            key = (movement.kind.value, movement.external_id)
            known = self._movements.get(key)
            if known is None or known.version <= movement.version:
                self._movements[key] = movement

    def add_refund(self, statement: RefundStatement) -> None:
        self._refunds.append(statement)
        self.add_movements(statement.movements)

    def add_dispute(self, statement: DisputeStatement) -> None:
        self._disputes.append(statement)
        self.add_movements(statement.movements)

    def to_page(self, next_cursor: str) -> ListPage:
        return ListPage(
            movements=tuple(self._movements.values()),
            refunds=tuple(self._refunds),
            disputes=tuple(self._disputes),
            mentions=tuple(self._mentions),
            unreadable=tuple(self._unreadable),
            not_used=self._unused,
            seen=self._seen,
            next_cursor=next_cursor,
        )
