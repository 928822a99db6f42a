"""Square's lists: payments and refunds by their last change, disputes, payouts with entries."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings

from processors.adapters.square import activities, refusals, translate
from processors.adapters.square.client import Answer, SquareClient
from processors.adapters.square.cursors import ChangeCursor, PayoutsCursor, to_text
from processors.adapters.square.disputes import to_dispute
from processors.adapters.square.refund_statements import to_refund
from processors.adapters.square.translate import get_id
from processors.contract import ListDescription, ListPage
from processors.errors import RequestRefused
from processors.transport import time_limit
from processors.transport.answers import as_mapping, check, find_text, get_mapping
from processors.transport.lists import Item, PageReading

PAYMENTS, REFUNDS, DISPUTES, PAYOUTS = "payments", "refunds", "disputes", "payouts"


class SquareLists:
    """Payments of one location, as charges are; the rest belongs to those payments."""

    LISTS: ClassVar[tuple[ListDescription, ...]] = (
        ListDescription(name=PAYMENTS),
        ListDescription(name=REFUNDS),
        ListDescription(name=DISPUTES, is_slow=True),
        # Payouts are listed by their creation, and can fail days later.
        ListDescription(name=PAYOUTS, overlap=timedelta(days=14), is_slow=True),
    )

    _client: SquareClient
    _location_id: str

    def read_page(self, name: str, *, since: datetime, cursor: str) -> ListPage:
        lists = _Lists(self._client, self._location_id)
        with time_limit(settings.PROCESSOR_LIST_SECONDS):  # for all calls together
            page = lists.read_page(name, since, cursor)
        self._location_id = lists.location_id
        return page


class _Lists:
    """How each list is read."""

    def __init__(self, client: SquareClient, location_id: str) -> None:
        self._client = client
        self.location_id = location_id

    def read_page(self, name: str, since: datetime, cursor: str) -> ListPage:
        read: dict[str, Callable[[datetime, str], ListPage]] = {
            PAYMENTS: self._read_payments,
            REFUNDS: self._read_refunds,
            DISPUTES: self._read_disputes,
            PAYOUTS: self._read_payouts,
        }
        if name not in read:
            raise RequestRefused("There is no such list", list=name)
        return read[name](since, cursor)

    def _read_payments(self, since: datetime, cursor: str) -> ListPage:
        place = ChangeCursor.read(cursor, since=since)
        answer = self._client.list_changed_payments(
            since=to_text(place.begin), location_id=self.location_id, cursor=place.cursor
        )
        items, after = _to_items(answer, "payments")
        page = PageReading(get_id)
        page.read(items, lambda item: page.add_movements([translate.to_movement(item)]))
        return page.to_page(place.get_next(items, after))

    def _read_refunds(self, since: datetime, cursor: str) -> ListPage:
        place = ChangeCursor.read(cursor, since=since)
        answer = self._client.list_changed_refunds(
            since=to_text(place.begin), location_id=self._find_location(), cursor=place.cursor
        )
        items, after = _to_items(answer, "refunds")
        page = PageReading(get_id)
        page.read(items, lambda item: page.add_refund(to_refund(item)))
        return page.to_page(place.get_next(items, after))

    def _read_disputes(self, since: datetime, cursor: str) -> ListPage:  # noqa: ARG002
        """All of them: Square's list goes by no time."""
        answer = self._client.list_disputes(location_id=self._find_location(), cursor=cursor)
        items, after = _to_items(answer, "disputes")
        check(not after or after != cursor, "cursor")
        page = PageReading(get_id)
        page.read(items, lambda item: page.add_dispute(to_dispute(item)))
        return page.to_page(after)

    def _read_payouts(self, since: datetime, cursor: str) -> ListPage:
        place = PayoutsCursor.read(cursor)
        page = PageReading(get_id)
        if not place.entries:
            place = self._read_payout(since, place, page)
        if place.payout:
            place = self._read_entries(place, page)
        return page.to_page(str(place))

    def _read_payout(
        self, since: datetime, place: PayoutsCursor, page: PageReading
    ) -> PayoutsCursor:
        answer = self._client.list_payouts(
            since=to_text(since), location_id=self.location_id, cursor=place.after
        )
        payouts, after = _to_items(answer, "payouts")
        check(len(payouts) <= 1 and (not after or after != place.after), "cursor")
        page.read(payouts, lambda one: page.add_movements(activities.to_payout_movements(one)))
        return PayoutsCursor(payout=get_id(payouts[0]) if payouts else "", after=after)

    def _read_entries(self, place: PayoutsCursor, page: PageReading) -> PayoutsCursor:
        answer = self._client.list_payout_entries(place.payout, cursor=place.entries)
        entries, further = _to_items(answer, "payout_entries")
        check(not further or further != place.entries, "cursor")
        page.read(entries, lambda entry: _add_entry(page, entry))
        return PayoutsCursor(payout=place.payout, entries=further, after=place.after)

    def _find_location(self) -> str:
        """The location whose payments are listed; other lists are of all unless told one."""
        if not self.location_id:
            merchant = get_mapping(refusals.get_success(self._client.get_merchant()), "merchant")
            self.location_id = find_text(merchant, "main_location_id")
        return self.location_id


def _add_entry(reading: PageReading, entry: Item) -> None:
    if reason := activities.find_unused(entry):
        reading.add_unused(reason)
        if mention := activities.find_mention(entry):
            reading.add_mention(mention)
    else:
        reading.add_movements([activities.to_entry_movement(entry)])


def _to_items(answer: Answer, name: str) -> tuple[list[Item], str]:
    """Read a page; Square leaves out an empty list.

    :raises NotUnderstood: it is none.
    """
    body = refusals.get_success(answer)
    listed = body.get(name)
    check(listed is None or isinstance(listed, list), name)
    return [as_mapping(item, name) for item in listed or []], find_text(body, "cursor")
