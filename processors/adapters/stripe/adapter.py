"""Stripe, as the contract asks for it."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings

from processors.adapters.stripe import refusals, translate
from processors.adapters.stripe.client import Answer, StripeClient
from processors.adapters.stripe.refusals import ErrorAnswer
from processors.contract import (
    AccountAccess,
    AccountDescription,
    ChargeRequest,
    ChargeResult,
    CredentialField,
)
from processors.errors import CredentialsRefused
from processors.transport import get_credential, time_limit

PRODUCTION = "production"


class Stripe:
    """One Stripe account.

    :raises CredentialsRefused: the secret key is missing or cannot be one.
    """

    CREDENTIAL_FIELDS: ClassVar[tuple[CredentialField, ...]] = (
        CredentialField(name="secret_key", label="Secret key"),
    )

    def __init__(self, access: AccountAccess) -> None:
        self._secret_key = get_credential(access, "secret_key")
        self._environment = access.environment
        self._client = StripeClient(self._secret_key)

    def describe_account(self) -> AccountDescription:
        self._refuse_key_of_other_environment()
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):  # for both together
            account = _get_success(self._client.retrieve_account())
            balance = _get_success(self._client.retrieve_balance())
        return translate.to_account_description(account, balance)

    def charge(self, request: ChargeRequest) -> ChargeResult:
        form = translate.to_payment_intent_form(request)
        answer = self._client.create_payment_intent(form, idempotency_key=request.reference)
        if isinstance(answer, ErrorAnswer):
            raise refusals.to_charge_failure(answer, request)
        return translate.to_charge_result(answer, request)

    def cancel_charge(self, external_id: str) -> None:
        answer = self._client.cancel_payment_intent(external_id)
        if not isinstance(answer, ErrorAnswer):
            translate.check_canceled(answer, external_id)
        elif not refusals.says_canceled(answer, external_id):
            raise refusals.to_failure(answer)

    def _refuse_key_of_other_environment(self) -> None:
        """A live key in the sandbox would charge real cards; Stripe itself cannot know."""
        mode = self._secret_key.partition("_")[2].partition("_")[0]
        wrong = "test" if self._environment == PRODUCTION else "live"
        if mode == wrong:
            raise CredentialsRefused(
                f"This is a {wrong} key, and the connection is for {self._environment}"
            )


def _get_success(answer: Answer) -> Mapping[str, Any]:
    if isinstance(answer, ErrorAnswer):
        raise refusals.to_failure(answer)
    return answer
