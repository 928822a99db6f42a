"""Asking Stripe again about movements that events told of."""

from django.conf import settings

from processors.adapters.stripe import balance, refusals, translate
from processors.adapters.stripe.client import Answer, StripeClient
from processors.contract import Movement
from processors.transport import time_limit
from processors.transport.answers import check

_BOOKED = "txn_"


class StripeSales:
    """The ability `MovementReads`."""

    _client: StripeClient

    def retrieve_movement(self, name: str) -> Movement:
        is_booked = name.startswith(_BOOKED)
        client = self._client
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            ask = client.retrieve_balance_transaction if is_booked else client.retrieve_charge
            answer: Answer = ask(name)
        found = refusals.get_success(answer)
        check(found.get("id") == name, "id")
        return balance.to_booked_movement(found) if is_booked else translate.to_movement(found)
