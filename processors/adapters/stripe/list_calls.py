"""The SDK's calls about an account's own lists, all newest first."""

from collections.abc import Callable, Sequence
from typing import Any

import stripe

from processors.adapters.stripe.refund_statements import EXPANDED as REFUND_EXPANDED
from processors.adapters.stripe.refusals import ErrorAnswer

Answer = dict[str, Any] | ErrorAnswer

MOST_LISTED = 100  # Stripe's own limit of a page

# Sources are of many kinds; what one of them has not got is passed over. The intent of a sale at
# a reader has the tip, the transfer of a reversal our reference.
BOOKED_EXPANDED = ["source", "source.payment_intent", "source.transfer"]


class ListCalls:
    """Part of `StripeClient`; `since_seconds` are of the epoch, `after` is the last one's id."""

    _stripe: stripe.StripeClient

    def _read(self, send: Callable[[], stripe.StripeObject]) -> Answer:
        raise NotImplementedError

    def list_balance_transactions(self, *, since_seconds: int, after: str) -> Answer:
        parameters = _page(since_seconds, after, expand=BOOKED_EXPANDED)
        return self._read(lambda: self._stripe.v1.balance_transactions.list(parameters))

    def list_all_refunds(self, *, since_seconds: int, after: str) -> Answer:
        parameters = _page(since_seconds, after, expand=REFUND_EXPANDED)
        return self._read(lambda: self._stripe.v1.refunds.list(parameters))

    def list_disputes(self, *, since_seconds: int, after: str) -> Answer:
        parameters = _page(since_seconds, after)
        return self._read(lambda: self._stripe.v1.disputes.list(parameters))


def _page(since_seconds: int, after: str, *, expand: Sequence[str] = ()) -> Any:
    parameters: dict[str, Any] = {"created": {"gte": since_seconds}, "limit": MOST_LISTED}
    if expand:
        parameters["expand"] = [f"data.{name}" for name in expand]
    if after:
        parameters["starting_after"] = after
    return parameters
