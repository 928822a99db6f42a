"""The SDK's calls about an account's own lists."""

from collections.abc import Callable
from typing import Any

from square import Square
from square.core.request_options import RequestOptions
from square.core.unchecked_base_model import UncheckedBaseModel

from processors.adapters.square.refusals import ErrorAnswer

Answer = dict[str, Any] | ErrorAnswer

MOST_LISTED = 100  # Square's own limit of a page

_ONCE: RequestOptions = {"max_retries": 0}


class ListCalls:
    """Part of `SquareClient`."""

    _square: Square

    def _read(self, send: Callable[[], UncheckedBaseModel]) -> Answer:
        raise NotImplementedError

    def list_changed_payments(self, *, since: str, location_id: str, cursor: str) -> Answer:
        """List what was made or changed from `since` on, by its last change."""
        list_page = self._square.payments.list
        parameters = _by_change(since, location_id, cursor)
        return self._read(lambda: list_page(**parameters, request_options=_ONCE).response)

    def list_changed_refunds(self, *, since: str, location_id: str, cursor: str) -> Answer:
        """List what was made or changed from `since` on, by its last change."""
        list_page = self._square.refunds.list
        parameters = _by_change(since, location_id, cursor)
        return self._read(lambda: list_page(**parameters, request_options=_ONCE).response)

    def list_disputes(self, *, location_id: str, cursor: str) -> Answer:
        parameters: dict[str, Any] = _given(location_id=location_id, cursor=cursor)
        list_page = self._square.disputes.list
        return self._read(lambda: list_page(**parameters, request_options=_ONCE).response)

    def list_payouts(self, *, since: str, location_id: str, cursor: str) -> Answer:
        """List payouts made from `since` on one by one, oldest first."""
        parameters: dict[str, Any] = {"begin_time": since, "sort_order": "ASC", "limit": 1}
        parameters |= _given(location_id=location_id, cursor=cursor)
        list_page = self._square.payouts.list
        return self._read(lambda: list_page(**parameters, request_options=_ONCE).response)

    def list_payout_entries(self, payout_id: str, *, cursor: str) -> Answer:
        parameters: dict[str, Any] = {"sort_order": "ASC", **_given(cursor=cursor)}
        list_page = self._square.payouts.list_entries
        return self._read(
            lambda: list_page(payout_id, **parameters, request_options=_ONCE).response
        )


def _by_change(since: str, location_id: str, cursor: str) -> dict[str, Any]:
    return {
        "updated_at_begin_time": since,
        "sort_field": "UPDATED_AT",
        "sort_order": "ASC",
        "limit": MOST_LISTED,
        **_given(location_id=location_id, cursor=cursor),
    }


def _given(**parameters: str) -> dict[str, str]:
    return {name: value for name, value in parameters.items() if value}
