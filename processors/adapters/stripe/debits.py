"""Debits of saved payment methods at Stripe: off-session payment intents."""

import math
from datetime import datetime

from django.conf import settings

from processors.adapters.stripe import refusals
from processors.adapters.stripe.client import StripeClient
from processors.adapters.stripe.debit_failures import classify
from processors.adapters.stripe.debit_statements import (
    to_charge_request,
    to_debit_form,
    to_debit_statement,
)
from processors.adapters.stripe.refusals import ErrorAnswer
from processors.adapters.stripe.statements import is_ours, to_page
from processors.adapters.stripe.translate import get_id
from processors.contract import DebitRequest, DebitState, DebitStatement
from processors.errors import AnswerLost, CardDeclined, MethodGone, RequestRefused
from processors.transport import time_limit
from processors.transport.answers import check, find_text
from processors.transport.statements import Page, read_pages

# Nothing moved and nothing will.
_DEAD = {DebitState.FAILED, DebitState.CANCELED}
# Whom or what a debit names; one that is not there any more was let go of.
_SAVED = {"payment_method", "customer", "mandate"}


class StripeDebits:
    """The ability `Debits`."""

    _client: StripeClient

    def debit(self, request: DebitRequest) -> DebitStatement:
        form = to_debit_form(request)
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.create_payment_intent(form, idempotency_key=request.reference)
        if isinstance(answer, ErrorAnswer):
            return _read_refusal(answer, request)
        statement = to_debit_statement(answer, request)
        check(statement.state not in _DEAD, "status")
        return statement

    def retrieve_debit(self, external_id: str, request: DebitRequest) -> DebitStatement:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.retrieve_payment_intent(external_id)
        statement = to_debit_statement(refusals.get_success(answer), request)
        check(statement.external_id == external_id, "id")
        return statement

    def find_debit(self, request: DebitRequest, *, since: datetime) -> DebitStatement | None:
        charge = to_charge_request(request)
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):  # for all pages together
            listed = read_pages(lambda cursor: self._list_debits(request, since, cursor))
            ours = [get_id(item) for item in listed if is_ours(item, charge)]
            found = [self.retrieve_debit(one, request) for one in ours]
        live = [statement for statement in found if statement.state not in _DEAD]
        check(len(live) <= 1, "reference")
        return next(iter(live or found), None)

    def cancel_debit(self, external_id: str, request: DebitRequest) -> DebitStatement:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.cancel_payment_intent(external_id)
            if isinstance(answer, ErrorAnswer):
                return self._explain(answer, external_id, request)
        statement = to_debit_statement(answer, request)
        check(statement.state is DebitState.CANCELED, "status")
        return statement

    def _explain(
        self, answer: ErrorAnswer, external_id: str, request: DebitRequest
    ) -> DebitStatement:
        """Where it stands that it refused to be canceled."""
        refusal = refusals.to_failure(answer)
        if not refusals.may_be_of_state(answer):
            raise refusal
        try:
            statement = self.retrieve_debit(external_id, request)
        except RequestRefused:
            raise AnswerLost(cause="cancel") from None
        if statement.state is DebitState.IDLE:
            raise refusal
        return statement

    def _list_debits(self, request: DebitRequest, since: datetime, cursor: str) -> Page:
        answer = self._client.list_payment_intents_of(
            request.customer, since_seconds=math.floor(since.timestamp()), after=cursor
        )
        return to_page(refusals.get_success(answer))


def _read_refusal(answer: ErrorAnswer, request: DebitRequest) -> DebitStatement:
    """A bank's no as a statement; whatever else is said, as its failure.

    :raises DomainError: the failure.
    """
    failure = refusals.to_charge_failure(answer, to_charge_request(request))
    if isinstance(failure, CardDeclined):
        return DebitStatement(
            state=DebitState.FAILED,
            external_id=failure.external_id,
            failure=classify(failure.reason),
            failure_code=failure.reason,
            failure_message=find_text(answer.get_error(), "message")[:500],
        )
    if type(failure) is RequestRefused and failure.details.get("processor_param") in _SAVED:
        raise MethodGone(None, **failure.details)
    raise failure
