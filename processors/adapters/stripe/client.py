"""Stripe's SDK and nothing else: dictionaries in, dictionaries or an `ErrorAnswer` out."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import stripe
from django.conf import settings

from bookedbarber.foundation.errors import DomainError
from processors.adapters.stripe.debit_calls import DebitCalls
from processors.adapters.stripe.list_calls import BOOKED_EXPANDED, ListCalls
from processors.adapters.stripe.refund_statements import EXPANDED as REFUND_EXPANDED
from processors.adapters.stripe.refusals import ErrorAnswer
from processors.adapters.stripe.transfer_calls import TransferCalls
from processors.adapters.stripe.translate import CHARGE_EXPANDED, EXPANDED
from processors.errors import AnswerLost
from processors.transport import (
    AccountCalls,
    CalledInsideTransaction,
    http_client,
    read_retry_after,
)

Answer = dict[str, Any] | ErrorAnswer

MOST_LISTED = 100  # Stripe's own limit of a page

# At lower levels the SDK writes whole request bodies, payment tokens included.
logging.getLogger("stripe").setLevel(logging.WARNING)
stripe.enable_telemetry = False


class StripeHttp(stripe.HTTPClient):
    """Sends the SDK's requests through the shared client, each once."""

    name = "httpx"

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Any, int, Mapping[str, str]]:
        answer = http_client.request(method, url, headers=headers, content=post_data)
        # The SDK would turn this header into a Python warning.
        answer.headers.pop("Stripe-Notice", None)
        return answer.content, answer.status_code, answer.headers

    def close(self) -> None:
        """The connections are shared: there is nothing of its own to close."""


_http = StripeHttp()


class StripeClient(TransferCalls, ListCalls, DebitCalls):
    """The calls of one account. Building one takes 15 µs, so none is kept."""

    def __init__(self, secret_key: str, calls: AccountCalls) -> None:
        self._calls = calls
        self._stripe = stripe.StripeClient(
            secret_key,
            base_addresses=_get_base_addresses(),
            max_network_retries=0,
            http_client=_http,
        )

    def retrieve_account(self) -> Answer:
        return _call(self._stripe.v1.accounts.retrieve_current)

    def retrieve_balance(self) -> Answer:
        return _call(self._stripe.v1.balance.retrieve)

    def create_payment_intent(self, form: dict[str, Any], *, idempotency_key: str) -> Answer:
        create: Any = self._stripe.v1.payment_intents.create
        return self._write(lambda: create(form, {"idempotency_key": idempotency_key}))

    def retrieve_payment_intent(self, intent_id: str) -> Answer:
        retrieve = self._stripe.v1.payment_intents.retrieve
        return self._read(lambda: retrieve(intent_id, {"expand": EXPANDED}))

    def retrieve_charge(self, charge_id: str) -> Answer:
        retrieve = self._stripe.v1.charges.retrieve
        return self._read(lambda: retrieve(charge_id, {"expand": CHARGE_EXPANDED}))

    def retrieve_balance_transaction(self, name: str) -> Answer:
        retrieve = self._stripe.v1.balance_transactions.retrieve
        return self._read(lambda: retrieve(name, {"expand": BOOKED_EXPANDED}))

    def list_payment_intents(self, *, since_seconds: int, after: str) -> Answer:
        """List what was made from `since_seconds` (of the epoch) on, newest first."""
        parameters: Any = {"created": {"gte": since_seconds}, "limit": MOST_LISTED}
        if after:
            parameters["starting_after"] = after
        return self._read(lambda: self._stripe.v1.payment_intents.list(parameters))

    def cancel_payment_intent(self, intent_id: str) -> Answer:
        return self._write(lambda: self._stripe.v1.payment_intents.cancel(intent_id))

    def capture_payment_intent(
        self, intent_id: str, amount_minor: int, *, idempotency_key: str
    ) -> Answer:
        form: Any = {"amount_to_capture": amount_minor, "expand": EXPANDED}
        capture: Any = self._stripe.v1.payment_intents.capture
        return self._write(lambda: capture(intent_id, form, {"idempotency_key": idempotency_key}))

    def create_refund(self, form: dict[str, Any], *, idempotency_key: str) -> Answer:
        create: Any = self._stripe.v1.refunds.create
        return self._write(lambda: create(form, {"idempotency_key": idempotency_key}))

    def retrieve_refund(self, refund_id: str) -> Answer:
        retrieve = self._stripe.v1.refunds.retrieve
        return self._read(lambda: retrieve(refund_id, {"expand": REFUND_EXPANDED}))

    def list_refunds(self, *, intent_id: str, since_seconds: int, after: str) -> Answer:
        """List an intent's refunds made from `since_seconds` (of the epoch) on, newest first."""
        parameters: Any = {
            "payment_intent": intent_id,
            "created": {"gte": since_seconds},
            "limit": MOST_LISTED,
            "expand": [f"data.{name}" for name in REFUND_EXPANDED],
        }
        if after:
            parameters["starting_after"] = after
        return self._read(lambda: self._stripe.v1.refunds.list(parameters))

    def list_webhook_endpoints(self, *, after: str) -> Answer:
        parameters: Any = {"limit": MOST_LISTED}
        if after:
            parameters["starting_after"] = after
        return self._read(lambda: self._stripe.v1.webhook_endpoints.list(parameters))

    def create_webhook_endpoint(self, form: dict[str, Any], *, idempotency_key: str) -> Answer:
        create: Any = self._stripe.v1.webhook_endpoints.create
        return self._write(lambda: create(form, {"idempotency_key": idempotency_key}))

    def delete_webhook_endpoint(self, endpoint_id: str) -> Answer:
        return self._write(lambda: self._stripe.v1.webhook_endpoints.delete(endpoint_id))

    def get_authorize_url(self, parameters: dict[str, Any]) -> str:
        options: Any = parameters
        return self._stripe.oauth.authorize_url(options)

    def obtain_token(self, form: dict[str, Any]) -> Answer:
        obtain: Any = self._stripe.oauth.token
        return self._write(lambda: obtain(form))

    def deauthorize(self, form: dict[str, Any]) -> Answer:
        deauthorize: Any = self._stripe.oauth.deauthorize
        return self._write(lambda: deauthorize(form))

    def _read(self, send: Callable[[], stripe.StripeObject]) -> Answer:
        return self._calls.read(lambda: _call(send))

    def _write(self, send: Callable[[], stripe.StripeObject]) -> Answer:
        return self._calls.write(lambda: _call(send))


def _get_base_addresses() -> Any:
    given = {"api": settings.STRIPE_API_BASE, "connect": settings.STRIPE_CONNECT_BASE}
    return {name: base.rstrip("/") for name, base in given.items() if base}


def _call(send: Callable[[], stripe.StripeObject]) -> Answer:
    """
    :raises ProcessorNotReached: nothing was sent.
    :raises AnswerLost: the answer did not come, or the SDK could make nothing of it.
    """
    try:
        return send().to_dict(for_json=True)
    except stripe.StripeError as error:
        return ErrorAnswer(error.http_status, error.json_body, read_retry_after(error.headers))
    except (DomainError, CalledInsideTransaction):
        raise
    except Exception as error:  # noqa: BLE001 - it happened after sending, so money may have moved
        cause = type(error).__name__
    # Outside of the handler: the exceptions of parsers quote what they could not read.
    raise AnswerLost(cause=cause)
