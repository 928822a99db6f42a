"""Asking Stripe again about sales that events told of."""

from django.conf import settings

from processors.adapters.stripe import refusals, translate
from processors.adapters.stripe.client import StripeClient
from processors.adapters.stripe.refusals import ErrorAnswer
from processors.contract import Movement
from processors.transport import time_limit
from processors.transport.answers import check


class StripeSales:
    """Of an account whose `_client` is set."""

    _client: StripeClient

    def retrieve_movement(self, external_id: str) -> Movement:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.retrieve_charge(external_id)
        if isinstance(answer, ErrorAnswer):
            raise refusals.to_failure(answer)
        movement = translate.to_movement(answer)
        check(movement.external_id == external_id, "id")
        return movement
