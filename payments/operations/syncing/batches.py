"""Pages, put together until they fill a batch. The network is asked; nothing is written."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings

from bookedbarber.foundation.errors import DomainError
from processors.contract import (
    DisputeStatement,
    ListPage,
    Mention,
    Movement,
    RefundStatement,
    Unreadable,
)

from ..movements import MAX_BATCH


@dataclass(slots=True)
class Batch:
    """What some pages in a row say; `position` leads to the next one, "" at the end of the list.

    `failure` is why there are no more pages in it; what came before is good.
    """

    position: str
    movements: dict[tuple[str, str], Movement] = field(default_factory=dict)
    refunds: list[RefundStatement] = field(default_factory=list)
    disputes: list[DisputeStatement] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    not_used: Counter[str] = field(default_factory=Counter)
    pages: int = 0
    seen: int = 0
    failure: DomainError | None = None

    @property
    def is_full(self) -> bool:
        return self.pages >= settings.SYNC_BATCH_PAGES or len(self.movements) >= MAX_BATCH

    def add(self, page: ListPage) -> None:
        for movement in page.movements:
            key = (movement.kind.value, movement.external_id)
            known = self.movements.get(key)
            if known is None or known.version <= movement.version:
                self.movements[key] = movement
        self.refunds += page.refunds
        self.disputes += page.disputes
        self.mentions += page.mentions
        self.unreadable += page.unreadable
        self.not_used.update(page.not_used)
        self.pages += 1
        self.seen += page.seen
        self.position = page.next_cursor


def read_batch(fetch: Callable[[str], ListPage], position: str, *, deadline: float) -> Batch:
    """Read pages from `position` on until the batch is full, the list or the time is over.

    `deadline` is of the monotonic clock; one page is read even after it.

    :raises DomainError: the first page could not be read.
    """
    batch = Batch(position)
    batch.add(fetch(position))
    while batch.position and not batch.is_full and time.monotonic() < deadline:
        try:
            batch.add(fetch(batch.position))
        except DomainError as error:
            batch.failure = error
            break
    return batch
