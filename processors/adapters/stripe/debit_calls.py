"""The SDK's calls about saved payment methods, and debits of them."""

from collections.abc import Callable
from typing import Any

import stripe

from processors.adapters.stripe.refusals import ErrorAnswer

Answer = dict[str, Any] | ErrorAnswer

MOST_LISTED = 100  # Stripe's own limit of a page
SETUP_EXPANDED = ["setup_intent.payment_method"]


class DebitCalls:
    """Part of `StripeClient`."""

    _stripe: stripe.StripeClient

    def _read(self, send: Callable[[], stripe.StripeObject]) -> Answer:
        raise NotImplementedError

    def _write(self, send: Callable[[], stripe.StripeObject]) -> Answer:
        raise NotImplementedError

    def list_payment_intents_of(self, customer: str, *, since_seconds: int, after: str) -> Answer:
        """List what a customer was debited from `since_seconds` (of the epoch) on, newest first."""
        parameters: Any = {
            "customer": customer,
            "created": {"gte": since_seconds},
            "limit": MOST_LISTED,
        }
        if after:
            parameters["starting_after"] = after
        return self._read(lambda: self._stripe.v1.payment_intents.list(parameters))

    def create_customer(self, form: dict[str, Any], *, idempotency_key: str) -> Answer:
        create: Any = self._stripe.v1.customers.create
        return self._write(lambda: create(form, {"idempotency_key": idempotency_key}))

    def create_checkout_session(self, form: dict[str, Any], *, idempotency_key: str) -> Answer:
        create: Any = self._stripe.v1.checkout.sessions.create
        return self._write(lambda: create(form, {"idempotency_key": idempotency_key}))

    def retrieve_checkout_session(self, session_id: str) -> Answer:
        retrieve = self._stripe.v1.checkout.sessions.retrieve
        return self._read(lambda: retrieve(session_id, {"expand": SETUP_EXPANDED}))

    def retrieve_payment_method(self, method_id: str) -> Answer:
        return self._read(lambda: self._stripe.v1.payment_methods.retrieve(method_id))

    def detach_payment_method(self, method_id: str) -> Answer:
        return self._write(lambda: self._stripe.v1.payment_methods.detach(method_id))
