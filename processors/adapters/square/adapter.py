"""Square, as the contract asks for it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.conf import settings

from processors.adapters.square import refusals, statements, translate
from processors.adapters.square.client import Answer, SquareClient, get_base_url
from processors.adapters.square.disputes import SquareDisputes
from processors.adapters.square.lists import SquareLists
from processors.adapters.square.oauth import to_token_status
from processors.adapters.square.payouts import SquarePayouts
from processors.adapters.square.refunds import SquareRefunds
from processors.adapters.square.refusals import ErrorAnswer
from processors.adapters.square.registrations import SquareRegistrations
from processors.adapters.square.sales import SquareSales
from processors.contract import (
    AccountAccess,
    AccountDescription,
    ChargeRequest,
    ChargeState,
    ChargeStatement,
    CredentialField,
    TokenStatus,
)
from processors.transport import AccountCalls, find_credential, get_credential, time_limit
from processors.transport.answers import check, get_mapping
from processors.transport.statements import (
    Page,
    check_charged,
    choose_statement,
    explain_refusal,
    find_in,
    read_list,
)


class Square(
    SquareDisputes,
    SquareLists,
    SquarePayouts,
    SquareRefunds,
    SquareRegistrations,
    SquareSales,
):
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
        self._environment = access.environment
        self._location_id = find_credential(access, "location_id")
        self._client = SquareClient(
            get_credential(access, "access_token"),
            AccountCalls(access),
            environment=access.environment,
        )
        self._list_name = f"square {access.environment} {access.account_id} {self._location_id}"

    @property
    def api_url(self) -> str:
        return get_base_url(self._environment)

    def describe_account(self) -> AccountDescription:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):  # for both together
            merchant = refusals.get_success(self._client.get_merchant())
            locations = refusals.get_success(self._client.list_locations())
        return translate.to_account_description(
            get_mapping(merchant, "merchant"),
            translate.to_locations(locations),
            location_id=self._location_id,
        )

    def check_token(self) -> TokenStatus:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            return to_token_status(refusals.get_success(self._client.retrieve_token_status()))

    def charge(self, request: ChargeRequest) -> ChargeStatement:
        body = translate.to_payment_body(request, location_id=self._location_id)
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.create_payment(body, idempotency_key=request.reference)
        if isinstance(answer, ErrorAnswer):
            raise refusals.to_charge_failure(answer, request, location_id=self._location_id)
        return check_charged(self._to_statement(get_mapping(answer, "payment"), request), request)

    def retrieve_charge(self, external_id: str, request: ChargeRequest) -> ChargeStatement:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.get_payment(external_id)
        return self._read(refusals.get_success(answer), external_id, request)

    def find_charge(self, request: ChargeRequest, *, since: datetime) -> ChargeStatement | None:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):  # for all pages together
            listing = read_list(
                self._list_name, since, lambda cursor: self._list_page(since, cursor)
            )
            ours = find_in(listing, lambda payment: statements.is_ours(payment, request))
        return choose_statement([self._to_statement(payment, request) for payment in ours])

    def cancel_charge(self, external_id: str, request: ChargeRequest) -> ChargeStatement:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.cancel_payment(external_id)
            return self._read_change(answer, external_id, request, ChargeState.CANCELED)

    def capture_charge(
        self,
        external_id: str,
        request: ChargeRequest,
        *,
        idempotency_key: str,  # noqa: ARG002 - Square goes by the payment's state alone
    ) -> ChargeStatement:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.complete_payment(external_id)
            return self._read_change(answer, external_id, request, ChargeState.CAPTURED)

    def _list_page(self, since: datetime, cursor: str) -> Page:
        answer = self._client.list_payments(
            begin_time=since.astimezone(UTC).isoformat(timespec="milliseconds"),
            location_id=self._location_id,
            cursor=cursor,
        )
        return statements.to_page(refusals.get_success(answer))

    def _read_change(
        self, answer: Answer, external_id: str, request: ChargeRequest, wanted: ChargeState
    ) -> ChargeStatement:
        if not isinstance(answer, ErrorAnswer):
            statement = self._read(answer, external_id, request)
            check(statement.state is wanted, "status")
            return statement
        if not refusals.may_be_of_state(answer):
            raise refusals.to_failure(answer)
        return explain_refusal(
            refusals.to_failure(answer), lambda: self.retrieve_charge(external_id, request)
        )

    def _read(
        self, answer: Mapping[str, Any], external_id: str, request: ChargeRequest
    ) -> ChargeStatement:
        statement = self._to_statement(get_mapping(answer, "payment"), request)
        check(statement.external_id == external_id, "id")
        return statement

    def _to_statement(self, payment: Mapping[str, Any], request: ChargeRequest) -> ChargeStatement:
        return statements.to_statement(payment, request, location_id=self._location_id)
