"""Refunds at Stripe."""

import math
from datetime import datetime

from django.conf import settings

from processors.adapters.stripe import refusals
from processors.adapters.stripe.client import StripeClient
from processors.adapters.stripe.refund_statements import to_refund, to_refund_form
from processors.adapters.stripe.statements import to_page
from processors.contract import RefundRequest, RefundStatement
from processors.transport import time_limit
from processors.transport.answers import check
from processors.transport.refunds import check_refund, choose_refund
from processors.transport.statements import Page, read_pages


class StripeRefunds:
    """The ability `Refunds`."""

    _client: StripeClient

    def refund(self, request: RefundRequest) -> RefundStatement:
        form = to_refund_form(request)
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.create_refund(form, idempotency_key=request.key)
        return check_refund(to_refund(refusals.get_success(answer)), request)

    def retrieve_refund(
        self, external_id: str, request: RefundRequest | None = None
    ) -> RefundStatement:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.retrieve_refund(external_id)
        statement = to_refund(refusals.get_success(answer))
        check(statement.external_id == external_id, "id")
        return statement if request is None else check_refund(statement, request)

    def list_refunds(
        self, payment_external_id: str, *, since: datetime
    ) -> tuple[RefundStatement, ...]:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):  # for all pages together
            listed = read_pages(
                lambda cursor: self._list_refund_page(payment_external_id, since, cursor)
            )
            return tuple(to_refund(refund) for refund in listed)

    def find_refund(self, request: RefundRequest, *, since: datetime) -> RefundStatement | None:
        return choose_refund(self.list_refunds(request.payment_external_id, since=since), request)

    def _list_refund_page(self, intent_id: str, since: datetime, cursor: str) -> Page:
        answer = self._client.list_refunds(
            intent_id=intent_id,
            since_seconds=math.floor(since.timestamp()),
            after=cursor,
        )
        return to_page(refusals.get_success(answer))
