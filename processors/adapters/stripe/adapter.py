"""Stripe, as the contract asks for it."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

import stripe
from django.conf import settings

from processors.adapters.stripe import refusals, statements, translate
from processors.adapters.stripe.client import Answer, StripeClient
from processors.adapters.stripe.debits import StripeDebits
from processors.adapters.stripe.disputes import StripeDisputes
from processors.adapters.stripe.lists import StripeLists
from processors.adapters.stripe.refunds import StripeRefunds
from processors.adapters.stripe.refusals import ErrorAnswer
from processors.adapters.stripe.registrations import StripeRegistrations
from processors.adapters.stripe.sales import StripeSales
from processors.adapters.stripe.setups import StripeSetups
from processors.adapters.stripe.statements import is_ours
from processors.adapters.stripe.transfers import StripeTransfers
from processors.contract import (
    AccountAccess,
    AccountDescription,
    ChargeRequest,
    ChargeState,
    ChargeStatement,
    CredentialField,
)
from processors.errors import CredentialsRefused
from processors.transport import AccountCalls, get_credential, time_limit
from processors.transport.answers import check
from processors.transport.statements import (
    Page,
    check_charged,
    choose_statement,
    explain_refusal,
    find_in,
    read_list,
)

PRODUCTION = "production"


class Stripe(
    StripeDebits,
    StripeDisputes,
    StripeLists,
    StripeRefunds,
    StripeRegistrations,
    StripeSetups,
    StripeTransfers,
    StripeSales,
):
    """One Stripe account.

    :raises CredentialsRefused: the secret key is missing or cannot be one.
    """

    CREDENTIAL_FIELDS: ClassVar[tuple[CredentialField, ...]] = (
        CredentialField(name="secret_key", label="Secret key"),
    )

    def __init__(self, access: AccountAccess) -> None:
        self._secret_key = get_credential(access, "secret_key")
        self._environment = access.environment
        self._client = StripeClient(self._secret_key, AccountCalls(access))
        self._list_name = f"stripe {access.environment} {access.account_id}"

    @property
    def api_url(self) -> str:
        return str(settings.STRIPE_API_BASE or stripe.DEFAULT_API_BASE)

    def describe_account(self) -> AccountDescription:
        self._refuse_key_of_other_environment()
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):  # for both together
            account = refusals.get_success(self._client.retrieve_account())
            balance = refusals.get_success(self._client.retrieve_balance())
        return translate.to_account_description(account, balance)

    def charge(self, request: ChargeRequest) -> ChargeStatement:
        form = translate.to_payment_intent_form(request)
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.create_payment_intent(form, idempotency_key=request.reference)
        if isinstance(answer, ErrorAnswer):
            raise refusals.to_charge_failure(answer, request)
        return check_charged(statements.to_statement(answer, request), request)

    def retrieve_charge(self, external_id: str, request: ChargeRequest) -> ChargeStatement:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.retrieve_payment_intent(external_id)
        return _read(refusals.get_success(answer), external_id, request)

    def find_charge(self, request: ChargeRequest, *, since: datetime) -> ChargeStatement | None:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):  # for all pages together
            listing = read_list(
                self._list_name, since, lambda cursor: self._list_page(since, cursor)
            )
            ours = find_in(listing, lambda intent: is_ours(intent, request))
            # A list has no room for the charges' fees.
            return choose_statement(
                [self.retrieve_charge(translate.get_id(one), request) for one in ours]
            )

    def cancel_charge(self, external_id: str, request: ChargeRequest) -> ChargeStatement:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.cancel_payment_intent(external_id)
            return self._read_change(answer, external_id, request, ChargeState.CANCELED)

    def capture_charge(
        self, external_id: str, request: ChargeRequest, *, idempotency_key: str
    ) -> ChargeStatement:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.capture_payment_intent(
                external_id, request.amount.amount_minor, idempotency_key=idempotency_key
            )
            return self._read_change(answer, external_id, request, ChargeState.CAPTURED)

    def _list_page(self, since: datetime, cursor: str) -> Page:
        seconds = math.floor(since.timestamp())
        answer = self._client.list_payment_intents(since_seconds=seconds, after=cursor)
        return statements.to_page(refusals.get_success(answer))

    def _read_change(
        self, answer: Answer, external_id: str, request: ChargeRequest, wanted: ChargeState
    ) -> ChargeStatement:
        if not isinstance(answer, ErrorAnswer):
            statement = _read(answer, external_id, request)
            check(statement.state is wanted, "status")
            return statement
        if not refusals.may_be_of_state(answer):
            raise refusals.to_failure(answer)
        return explain_refusal(
            refusals.to_failure(answer), lambda: self.retrieve_charge(external_id, request)
        )

    def _refuse_key_of_other_environment(self) -> None:
        """A live key in the sandbox would charge real cards; Stripe itself cannot know."""
        mode = self._secret_key.partition("_")[2].partition("_")[0]
        wrong = "test" if self._environment == PRODUCTION else "live"
        if mode == wrong:
            raise CredentialsRefused(
                f"This is a {wrong} key, and the connection is for {self._environment}"
            )


def _read(intent: Mapping[str, Any], external_id: str, request: ChargeRequest) -> ChargeStatement:
    statement = statements.to_statement(intent, request)
    check(statement.external_id == external_id, "id")
    return statement
