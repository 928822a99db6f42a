"""Stripe's SDK and nothing else: dictionaries in, dictionaries or an `ErrorAnswer` out."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import stripe
from django.conf import settings

from bookedbarber.foundation.errors import DomainError
from processors.adapters.stripe.refusals import ErrorAnswer
from processors.errors import AnswerLost
from processors.transport import CalledInsideTransaction, http_client

Answer = dict[str, Any] | ErrorAnswer

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


class StripeClient:
    """The calls of one account. Building one takes 15 µs, so none is kept."""

    def __init__(self, secret_key: str) -> None:
        base = settings.STRIPE_API_BASE.rstrip("/")
        self._stripe = stripe.StripeClient(
            secret_key,
            base_addresses={"api": base} if base else {},
            max_network_retries=0,
            http_client=_http,
        )

    def retrieve_account(self) -> Answer:
        return _call(self._stripe.v1.accounts.retrieve_current)

    def retrieve_balance(self) -> Answer:
        return _call(self._stripe.v1.balance.retrieve)

    def create_payment_intent(self, form: dict[str, Any], *, idempotency_key: str) -> Answer:
        create: Any = self._stripe.v1.payment_intents.create
        return _call(lambda: create(form, {"idempotency_key": idempotency_key}))

    def cancel_payment_intent(self, intent_id: str) -> Answer:
        return _call(lambda: self._stripe.v1.payment_intents.cancel(intent_id))


def _call(send: Callable[[], stripe.StripeObject]) -> Answer:
    """
    :raises ProcessorNotReached: nothing was sent.
    :raises AnswerLost: the answer did not come, or the SDK could make nothing of it.
    """
    try:
        return send().to_dict(for_json=True)
    except stripe.StripeError as error:
        return ErrorAnswer(error.http_status, error.json_body)
    except (DomainError, CalledInsideTransaction):
        raise
    except Exception as error:  # noqa: BLE001 - it happened after sending, so money may have moved
        cause = type(error).__name__
    # Outside of the handler: the exceptions of parsers quote what they could not read.
    raise AnswerLost(cause=cause)
