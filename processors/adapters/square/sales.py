"""Asking Square about payments that only something else names."""

from django.conf import settings

from processors.adapters.square import refusals, translate
from processors.adapters.square.client import SquareClient
from processors.contract import Movement
from processors.errors import RequestRefused
from processors.transport import time_limit
from processors.transport.answers import check, get_mapping


class SquareSales:
    """The ability `MovementReads`; payments of another location are none of this account's."""

    _client: SquareClient
    _location_id: str

    def retrieve_movement(self, name: str) -> Movement:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.get_payment(name)
        payment = get_mapping(refusals.get_success(answer), "payment")
        movement = translate.to_movement(payment)
        check(movement.external_id == name, "id")
        if self._location_id and payment.get("location_id") != self._location_id:
            raise RequestRefused("The payment is of another location", payment=name)
        return movement
