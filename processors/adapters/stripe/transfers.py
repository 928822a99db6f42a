"""Transfers at Stripe."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from processors.adapters.stripe import refusals
from processors.adapters.stripe.client import Answer, StripeClient
from processors.adapters.stripe.refusals import ErrorAnswer
from processors.adapters.stripe.statements import to_page
from processors.adapters.stripe.transfer_statements import (
    check_transfer,
    list_payments,
    to_bank_payout,
    to_payout_account,
    to_transfer,
    to_transfer_form,
)
from processors.contract import (
    BankPayoutStatement,
    PayoutAccountStatement,
    TransferRequest,
    TransferStatement,
)
from processors.errors import InsufficientBalance, RequestRefused
from processors.transport import time_limit
from processors.transport.answers import check, find_mapping
from processors.transport.statements import Page, read_pages

# Said by an endpoint that was carried out, and so kept under the idempotency key.
_NOT_ENOUGH = "balance_insufficient"


class StripeTransfers:
    """The abilities `Transfers` and `PayoutAccounts`."""

    _client: StripeClient

    def transfer(self, request: TransferRequest) -> TransferStatement:
        form = to_transfer_form(request)
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.create_transfer(form, idempotency_key=request.reference)
            return check_transfer(self._complete(_get_success(answer)), request)

    def retrieve_transfer(
        self, external_id: str, request: TransferRequest | None = None
    ) -> TransferStatement:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.retrieve_transfer(external_id)
            statement = self._complete(_get_success(answer))
        check(statement.external_id == external_id, "id")
        return statement if request is None else check_transfer(statement, request)

    def find_transfer(
        self, request: TransferRequest, *, since: datetime
    ) -> TransferStatement | None:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):  # for all pages together
            listed = read_pages(lambda cursor: self._list_transfer_page(request, since, cursor))
            found = [check_transfer(self._complete(one), request) for one in listed]
        check(len(found) <= 1, "transfer_group")
        return found[0] if found else None

    def describe_payout_account(self, account_id: str) -> PayoutAccountStatement:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.retrieve_connected_account(account_id)
        if isinstance(answer, ErrorAnswer) and _is_not_connected(answer):
            raise RequestRefused("The account is not connected to this one", account_id=account_id)
        statement = to_payout_account(_get_success(answer))
        check(statement.account_id == account_id, "id")
        return statement

    def describe_bank_payout(self, account_id: str, external_id: str) -> BankPayoutStatement:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):  # for all of it together
            payout = _get_success(
                self._client.retrieve_bank_payout(external_id, account_id=account_id)
            )
            items = read_pages(lambda cursor: self._list_items(external_id, account_id, cursor))
            payments = list_payments(list(items))
        statement = to_bank_payout(payout, account_id=account_id, destination_payments=payments)
        check(statement.external_id == external_id, "id")
        return statement

    def _complete(self, transfer: Mapping[str, Any]) -> TransferStatement:
        """A transfer carries its latest ten reversals only."""
        if find_mapping(transfer, "reversals").get("has_more") is True:
            name = str(transfer.get("id", ""))
            listed = list(read_pages(lambda cursor: self._list_reversal_page(name, cursor)))
            transfer = {**transfer, "reversals": {"data": listed}}
        return to_transfer(transfer)

    def _list_transfer_page(self, request: TransferRequest, since: datetime, cursor: str) -> Page:
        answer = self._client.list_transfers(
            group=request.reference, since_seconds=math.floor(since.timestamp()), after=cursor
        )
        return to_page(_get_success(answer))

    def _list_reversal_page(self, transfer_id: str, cursor: str) -> Page:
        return to_page(
            _get_success(self._client.list_transfer_reversals(transfer_id, after=cursor))
        )

    def _list_items(self, payout_id: str, account_id: str, cursor: str) -> Page:
        answer = self._client.list_bank_payout_items(payout_id, account_id=account_id, after=cursor)
        return to_page(_get_success(answer))


def _is_not_connected(answer: ErrorAnswer) -> bool:
    """Stripe says so with the status of a refused key."""
    return answer.status == 403 and answer.get_error().get("code") == "account_invalid"


def _get_success(answer: Answer) -> Mapping[str, Any]:
    if not isinstance(answer, ErrorAnswer):
        return answer
    failure = refusals.to_failure(answer)
    if isinstance(failure, RequestRefused) and failure.details.get("processor_code") == _NOT_ENOUGH:
        raise InsufficientBalance(None, **failure.details)
    raise failure
