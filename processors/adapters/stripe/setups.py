"""Saving payment methods at Stripe: customers, and checkout sessions in setup mode.

Source: https://docs.stripe.com/payments/save-and-reuse?platform=checkout
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from processors.adapters.stripe import refusals
from processors.adapters.stripe.client import StripeClient
from processors.adapters.stripe.debit_statements import METHOD_TYPES
from processors.adapters.stripe.refusals import ErrorAnswer
from processors.adapters.stripe.translate import REFERENCE, get_id
from processors.contract import (
    MethodKind,
    SavedMethod,
    SetupPage,
    SetupRequest,
    SetupState,
    SetupStatement,
)
from processors.transport import time_limit
from processors.transport.answers import (
    NotUnderstood,
    check,
    find_code,
    find_mapping,
    find_text,
    get_mapping,
    get_text,
)

_CUSTOMER_KEY = "customer"
_STATES = {
    "open": SetupState.OPEN,
    "complete": SetupState.COMPLETE,
    "expired": SetupState.EXPIRED,
}
_INTENT_STATES = {"succeeded": SetupState.COMPLETE, "canceled": SetupState.EXPIRED}
_KINDS = {name: kind for kind, name in METHOD_TYPES.items()}


class StripeSetups:
    """The ability `Setups`."""

    _client: StripeClient

    def create_customer(self, *, reference: str, name: str, email: str) -> str:
        form: dict[str, Any] = {"name": name, "metadata": {REFERENCE: reference}}
        if email:
            form["email"] = email
        # One reference is a key at two addresses, and Stripe's keys belong to all of them.
        key = f"{reference}-{_CUSTOMER_KEY}"
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.create_customer(form, idempotency_key=key)
        customer = refusals.get_success(answer)
        check(customer.get("object") == "customer", "object")
        return get_id(customer)

    def open_setup(self, request: SetupRequest) -> SetupPage:
        form = _to_form(request)
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.create_checkout_session(form, idempotency_key=request.reference)
        session = refusals.get_success(answer)
        _check_session(session, request.customer)
        return SetupPage(external_id=get_id(session), url=get_text(session, "url"))

    def retrieve_setup(self, external_id: str, *, customer: str) -> SetupStatement:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            session = refusals.get_success(self._client.retrieve_checkout_session(external_id))
        _check_session(session, customer)
        check(get_id(session) == external_id, "id")
        return _to_statement(session, customer)

    def forget_method(self, payment_method: str) -> None:
        with time_limit(settings.PROCESSOR_TIMEOUT_SECONDS):
            answer = self._client.detach_payment_method(payment_method)
            if isinstance(answer, ErrorAnswer) and refusals.may_be_of_state(answer):
                self._check_forgotten(payment_method, answer)
                return
        method = refusals.get_success(answer)
        check(method.get("customer") is None, "customer")

    def _check_forgotten(self, payment_method: str, refusal: ErrorAnswer) -> None:
        """Detaching a second time is refused; the method itself says whose it is."""
        method = refusals.get_success(self._client.retrieve_payment_method(payment_method))
        if method.get("customer"):
            raise refusals.to_failure(refusal)


def _to_form(request: SetupRequest) -> dict[str, Any]:
    metadata = {REFERENCE: request.reference}
    return {
        "mode": "setup",
        "customer": request.customer,
        "allowed_payment_method_types": [METHOD_TYPES[kind] for kind in request.kinds],
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
        "metadata": metadata,
        "setup_intent_data": {"metadata": metadata},
    }


def _check_session(session: Mapping[str, Any], customer: str) -> None:
    check(session.get("object") == "checkout.session", "object")
    check(session.get("customer") == customer, "customer")


def _to_statement(session: Mapping[str, Any], customer: str) -> SetupStatement:
    word = find_code(session, "status")
    if word not in _STATES:
        raise NotUnderstood("status")
    state = _STATES[word]
    if state is SetupState.COMPLETE:
        state = _get_state_of_intent(session)
    saved = _read_saved(session, customer) if state is SetupState.COMPLETE else None
    return SetupStatement(state=state, external_id=get_id(session), saved=saved)


def _get_state_of_intent(session: Mapping[str, Any]) -> SetupState:
    """The page is done with, while a bank account may still have to be verified for days."""
    status = find_code(get_mapping(session, "setup_intent"), "status")
    return _INTENT_STATES.get(status, SetupState.OPEN)


def _read_saved(session: Mapping[str, Any], customer: str) -> SavedMethod:
    """
    :raises NotUnderstood: nothing was saved, or with somebody else.
    """
    method = get_mapping(get_mapping(session, "setup_intent"), "payment_method")
    check(method.get("customer") == customer, "payment_method.customer")
    word = find_code(method, "type")
    check(word in _KINDS, "payment_method.type")
    said = find_mapping(method, word)
    kind = _KINDS[word]
    return SavedMethod(
        payment_method=get_id(method),
        customer=customer,
        kind=kind,
        last4=find_text(said, "last4")[-4:],
        brand=find_text(said, "brand")[:40] if kind is MethodKind.CARD else "",
        bank_name=find_text(said, "bank_name")[:100],
    )
