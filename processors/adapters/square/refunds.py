"""Refunds at Square."""

from datetime import UTC, datetime

from django.conf import settings

from processors.adapters.square import refusals
from processors.adapters.square.client import Answer, SquareClient
from processors.adapters.square.refund_statements import to_refund, to_refund_body, to_refund_page
from processors.contract import RefundRequest, RefundStatement
from processors.transport import time_limit
from processors.transport.answers import check, get_mapping
from processors.transport.refunds import check_refund, choose_refund
from processors.transport.statements import Page, find_in, read_list


class SquareRefunds:
    """The ability `Refunds`."""

    _client: SquareClient
    _location_id: str
    _list_name: str

    def refund(self, request: RefundRequest) -> RefundStatement:
        body = to_refund_body(request)
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.create_refund(body, idempotency_key=request.key)
        return check_refund(_read(answer), request)

    def retrieve_refund(
        self, external_id: str, request: RefundRequest | None = None
    ) -> RefundStatement:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.get_refund(external_id)
        statement = _read(answer)
        check(statement.external_id == external_id, "id")
        return statement if request is None else check_refund(statement, request)

    def list_refunds(
        self, payment_external_id: str, *, since: datetime
    ) -> tuple[RefundStatement, ...]:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):  # for all pages together
            listing = read_list(
                f"{self._list_name} refunds",
                since,
                lambda cursor: self._list_refund_page(since, cursor),
            )
        of_payment = find_in(
            listing, lambda refund: refund.get("payment_id") == payment_external_id
        )
        return tuple(to_refund(refund) for refund in of_payment)

    def find_refund(self, request: RefundRequest, *, since: datetime) -> RefundStatement | None:
        return choose_refund(self.list_refunds(request.payment_external_id, since=since), request)

    def _list_refund_page(self, since: datetime, cursor: str) -> Page:
        answer = self._client.list_refunds(
            begin_time=since.astimezone(UTC).isoformat(timespec="milliseconds"),
            location_id=self._location_id,
            cursor=cursor,
        )
        return to_refund_page(refusals.get_success(answer))


def _read(answer: Answer) -> RefundStatement:
    return to_refund(get_mapping(refusals.get_success(answer), "refund"))
