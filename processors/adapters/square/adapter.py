"""Square, as the contract asks for it."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings

from processors.adapters.square import refusals, translate
from processors.adapters.square.client import Answer, SquareClient
from processors.adapters.square.refusals import ErrorAnswer
from processors.contract import (
    AccountAccess,
    AccountDescription,
    ChargeRequest,
    ChargeResult,
    CredentialField,
)
from processors.transport import find_credential, get_credential, time_limit
from processors.transport.answers import get_mapping

PRODUCTION = "production"


class Square:
    """One location of one Square account; without one, Square's main location.

    :raises CredentialsRefused: the access token is missing or cannot be one.
    """

    CREDENTIAL_FIELDS: ClassVar[tuple[CredentialField, ...]] = (
        CredentialField(name="access_token", label="Access token"),
        CredentialField(
            name="location_id", label="Location ID", is_secret=False, is_required=False
        ),
    )

    def __init__(self, access: AccountAccess) -> None:
        self._location_id = find_credential(access, "location_id")
        self._client = SquareClient(
            get_credential(access, "access_token"),
            is_production=access.environment == PRODUCTION,
        )

    def describe_account(self) -> AccountDescription:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):  # for both together
            merchant = _get_success(self._client.get_merchant())
            locations = _get_success(self._client.list_locations())
        return translate.to_account_description(
            get_mapping(merchant, "merchant"),
            translate.to_locations(locations),
            location_id=self._location_id,
        )

    def charge(self, request: ChargeRequest) -> ChargeResult:
        body = translate.to_payment_body(request, location_id=self._location_id)
        answer = self._client.create_payment(body, idempotency_key=request.reference)
        if isinstance(answer, ErrorAnswer):
            raise refusals.to_charge_failure(answer, request, location_id=self._location_id)
        payment = get_mapping(answer, "payment")
        return translate.to_charge_result(payment, request, location_id=self._location_id)

    def cancel_charge(self, external_id: str) -> None:
        answer = self._client.cancel_payment(external_id)
        if not isinstance(answer, ErrorAnswer):
            translate.check_canceled(get_mapping(answer, "payment"), external_id)
        elif not refusals.says_canceled(answer):
            raise refusals.to_failure(answer)


def _get_success(answer: Answer) -> Mapping[str, Any]:
    if isinstance(answer, ErrorAnswer):
        raise refusals.to_failure(answer)
    return answer
