"""Asking Square what its payouts were made up of."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from processors.adapters.square import activities, refusals
from processors.adapters.square.client import SquareClient
from processors.contract import Movement
from processors.transport import time_limit
from processors.transport.answers import as_mapping, check, find_text
from processors.transport.statements import Page, read_pages


class SquarePayouts:
    """The ability `PayoutEntries`."""

    _client: SquareClient

    def list_payout_movements(self, external_id: str) -> tuple[Movement, ...]:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):  # for all pages together
            entries = list(read_pages(lambda cursor: self._list_entries(external_id, cursor)))
        return tuple(
            activities.to_entry_movement(entry)
            for entry in entries
            if not activities.find_unused(entry)
        )

    def _list_entries(self, payout_id: str, cursor: str) -> Page:
        answer = self._client.list_payout_entries(payout_id, cursor=cursor)
        return _to_page(refusals.get_success(answer))


def _to_page(answer: Mapping[str, Any]) -> Page:
    listed = answer.get("payout_entries")
    check(listed is None or isinstance(listed, list), "payout_entries")
    items = [as_mapping(item, "payout_entries") for item in listed or []]
    return Page(items, find_text(answer, "cursor"))
