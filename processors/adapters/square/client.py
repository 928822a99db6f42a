"""Square's SDK and nothing else: dictionaries in, dictionaries or an `ErrorAnswer` out."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from square import Square
from square.core.api_error import ApiError
from square.core.request_options import RequestOptions
from square.core.unchecked_base_model import UncheckedBaseModel
from square.environment import SquareEnvironment

from bookedbarber.foundation.errors import DomainError
from processors.adapters.square.list_calls import ListCalls
from processors.adapters.square.refusals import ErrorAnswer
from processors.errors import AnswerLost
from processors.transport import (
    AccountCalls,
    CalledInsideTransaction,
    http_client,
    read_retry_after,
)

Answer = dict[str, Any] | ErrorAnswer

PRODUCTION = "production"

_ONCE: RequestOptions = {"max_retries": 0}


def get_base_url(environment: str) -> str:
    """Where the accounts of an environment are asked, and authorized."""
    is_production = environment == PRODUCTION
    real = SquareEnvironment.PRODUCTION if is_production else SquareEnvironment.SANDBOX
    return str(settings.SQUARE_API_BASE or real.value).rstrip("/")


class SquareClient(ListCalls):
    """The calls of one account. Building one takes 4 µs, so none is kept."""

    def __init__(self, access_token: str, calls: AccountCalls, *, environment: str) -> None:
        self._calls = calls
        self._square = Square(
            token=access_token,
            base_url=get_base_url(environment),
            httpx_client=http_client,
        )

    def get_merchant(self) -> Answer:
        return _call(lambda: self._square.merchants.get("me", request_options=_ONCE))

    def list_locations(self) -> Answer:
        return _call(lambda: self._square.locations.list(request_options=_ONCE))

    def create_payment(self, body: dict[str, Any], *, idempotency_key: str) -> Answer:
        create = self._square.payments.create
        return self._write(
            lambda: create(**body, idempotency_key=idempotency_key, request_options=_ONCE)
        )

    def get_payment(self, payment_id: str) -> Answer:
        get = self._square.payments.get
        return self._read(lambda: get(payment_id, request_options=_ONCE))

    def list_payments(self, *, begin_time: str, location_id: str, cursor: str) -> Answer:
        """List what was made from `begin_time` on, oldest first, so that nothing shifts."""
        parameters: dict[str, Any] = {"begin_time": begin_time, "sort_order": "ASC"}
        if location_id:
            parameters["location_id"] = location_id
        if cursor:
            parameters["cursor"] = cursor
        list_page = self._square.payments.list
        return self._read(lambda: list_page(**parameters, request_options=_ONCE).response)

    def get_dispute(self, dispute_id: str) -> Answer:
        get = self._square.disputes.get
        return self._read(lambda: get(dispute_id, request_options=_ONCE))

    def cancel_payment(self, payment_id: str) -> Answer:
        cancel = self._square.payments.cancel
        return self._write(lambda: cancel(payment_id, request_options=_ONCE))

    def complete_payment(self, payment_id: str) -> Answer:
        complete = self._square.payments.complete
        return self._write(lambda: complete(payment_id, request_options=_ONCE))

    def create_refund(self, body: dict[str, Any], *, idempotency_key: str) -> Answer:
        create = self._square.refunds.refund_payment
        return self._write(
            lambda: create(**body, idempotency_key=idempotency_key, request_options=_ONCE)
        )

    def get_refund(self, refund_id: str) -> Answer:
        get = self._square.refunds.get
        return self._read(lambda: get(refund_id, request_options=_ONCE))

    def list_refunds(self, *, begin_time: str, location_id: str, cursor: str) -> Answer:
        """List what was made from `begin_time` on, oldest first, so that nothing shifts."""
        parameters: dict[str, Any] = {"begin_time": begin_time, "sort_order": "ASC"}
        optional = {"location_id": location_id, "cursor": cursor}
        parameters |= {name: value for name, value in optional.items() if value}
        list_page = self._square.refunds.list
        return self._read(lambda: list_page(**parameters, request_options=_ONCE).response)

    def retrieve_token_status(self) -> Answer:
        status = self._square.o_auth.retrieve_token_status
        return self._read(lambda: status(request_options=_ONCE))

    def obtain_token(self, body: dict[str, Any]) -> Answer:
        obtain = self._square.o_auth.obtain_token
        return self._write(lambda: obtain(**body, request_options=_ONCE))

    def revoke_token(self, body: dict[str, Any], *, application_secret: str) -> Answer:
        """It is the application that asks, and so not by the account's token."""
        headers = {"Authorization": f"Client {application_secret}"}
        options: RequestOptions = {**_ONCE, "additional_headers": headers}
        revoke = self._square.o_auth.revoke_token
        return self._write(lambda: revoke(**body, request_options=options))

    def list_webhook_subscriptions(self, *, cursor: str) -> Answer:
        parameters: dict[str, Any] = {"include_disabled": True}
        if cursor:
            parameters["cursor"] = cursor
        list_page = self._square.webhooks.subscriptions.list
        return self._read(lambda: list_page(**parameters, request_options=_ONCE).response)

    def create_webhook_subscription(
        self, subscription: dict[str, Any], *, idempotency_key: str
    ) -> Answer:
        create: Any = self._square.webhooks.subscriptions.create
        return self._write(
            lambda: create(
                subscription=subscription, idempotency_key=idempotency_key, request_options=_ONCE
            )
        )

    def delete_webhook_subscription(self, subscription_id: str) -> Answer:
        delete = self._square.webhooks.subscriptions.delete
        return self._write(lambda: delete(subscription_id, request_options=_ONCE))

    def _read(self, send: Callable[[], UncheckedBaseModel]) -> Answer:
        return self._calls.read(lambda: _call(send))

    def _write(self, send: Callable[[], UncheckedBaseModel]) -> Answer:
        return self._calls.write(lambda: _call(send))


def _call(send: Callable[[], UncheckedBaseModel]) -> Answer:
    """
    :raises ProcessorNotReached: nothing was sent.
    :raises AnswerLost: the answer did not come, or the SDK could make nothing of it.
    """
    try:
        # The SDK's models hold whatever came, of whatever type; translate checks it.
        return send().model_dump(by_alias=True, exclude_unset=True, warnings=False)
    except ApiError as error:
        return ErrorAnswer(error.status_code, error.body, read_retry_after(error.headers))
    except (DomainError, CalledInsideTransaction):
        raise
    except Exception as error:  # noqa: BLE001 - it happened after sending, so money may have moved
        cause = type(error).__name__
    # Outside of the handler: the exceptions of parsers quote what they could not read.
    raise AnswerLost(cause=cause)
