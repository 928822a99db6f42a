"""Stripe's lists: balance transactions, which are all that moved money; and what changes without.

Every list is newest first, which is Stripe's only order: what comes meanwhile stands before the
first page and belongs to the next reading.
"""

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings

from processors.adapters.stripe import balance, refusals, statements
from processors.adapters.stripe.client import Answer, StripeClient
from processors.adapters.stripe.disputes import to_dispute
from processors.adapters.stripe.refund_statements import to_refund
from processors.adapters.stripe.translate import get_id
from processors.contract import ListDescription, ListPage
from processors.errors import RequestRefused
from processors.transport import time_limit
from processors.transport.lists import Item, PageReading

BALANCE, REFUNDS, DISPUTES = "balance_transactions", "refunds", "disputes"


class StripeLists:
    """The ability `MovementLists`."""

    LISTS: ClassVar[tuple[ListDescription, ...]] = (
        ListDescription(name=BALANCE),
        # What becomes of these is no balance transaction as long as no money moves.
        ListDescription(name=REFUNDS, overlap=timedelta(days=30), is_slow=True),
        ListDescription(name=DISPUTES, overlap=timedelta(days=180), is_slow=True),
    )

    _client: StripeClient

    def read_page(self, name: str, *, since: datetime, cursor: str) -> ListPage:
        with time_limit(settings.PROCESSOR_LIST_SECONDS):  # for all calls together
            return _read_page(self._client, name, math.floor(since.timestamp()), cursor)


def _read_page(client: StripeClient, name: str, since_seconds: int, after: str) -> ListPage:
    calls: dict[str, Callable[..., Answer]] = {
        BALANCE: client.list_balance_transactions,
        REFUNDS: client.list_all_refunds,
        DISPUTES: client.list_disputes,
    }
    if name not in calls:
        raise RequestRefused("There is no such list", list=name)
    answer = calls[name](since_seconds=since_seconds, after=after)
    page, reading = statements.to_page(refusals.get_success(answer)), PageReading(get_id)
    adders: dict[str, Callable[[Item], None]] = {
        BALANCE: lambda item: _add_booked(reading, item),
        REFUNDS: lambda item: reading.add_refund(to_refund(item)),
        DISPUTES: lambda item: reading.add_dispute(to_dispute(item)),
    }
    reading.read(page.items, adders[name])
    return reading.to_page(page.cursor)


def _add_booked(reading: PageReading, booked: Item) -> None:
    if reason := balance.find_unused(booked):
        reading.add_unused(reason)
        return
    reading.add_movements([balance.to_booked_movement(booked)])
    if refund := balance.find_refund(booked):
        reading.add_refund(to_refund(refund))
    if dispute := balance.find_dispute(booked):
        reading.add_dispute(to_dispute(dispute))
