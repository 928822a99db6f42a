"""What a payment intent of Stripe's says of a debit of ours. Pure."""

from collections.abc import Mapping
from typing import Any

from bookedbarber.foundation.money import Money
from processors.adapters.stripe.debit_failures import choose_code, classify
from processors.adapters.stripe.statements import check_payment_intent, to_statement
from processors.adapters.stripe.translate import EXPANDED, REFERENCE
from processors.contract import (
    ChargeRequest,
    ChargeState,
    ChargeStatement,
    DebitRequest,
    DebitState,
    DebitStatement,
    MethodKind,
)
from processors.transport.answers import check, find_code

METHOD_TYPES = {MethodKind.CARD: "card", MethodKind.BANK_ACCOUNT: "us_bank_account"}

_STATES = {
    ChargeState.CAPTURED: DebitState.SUCCEEDED,
    ChargeState.REQUIRES_ACTION: DebitState.IDLE,
    ChargeState.FAILED: DebitState.FAILED,
    ChargeState.CANCELED: DebitState.CANCELED,
    # Not confirmed yet, or given up before it was.
    ChargeState.PENDING: DebitState.IDLE,
}


def to_debit_form(request: DebitRequest) -> dict[str, Any]:
    """Describe a debit that is confirmed at once, with nobody there to be asked."""
    form: dict[str, Any] = {
        "amount": request.amount.amount_minor,
        "currency": request.amount.currency.lower(),
        "customer": request.customer,
        "payment_method": request.payment_method,
        "allowed_payment_method_types": [METHOD_TYPES[request.kind]],
        "capture_method": "automatic",
        "confirm": True,
        "off_session": True,
        "metadata": {REFERENCE: request.reference},
        "expand": EXPANDED,
    }
    if request.description:
        form["description"] = request.description
    return form


def to_charge_request(request: DebitRequest) -> ChargeRequest:
    """The same as a charge, which Stripe answers in the same words."""
    return ChargeRequest(
        reference=request.reference,
        amount=request.amount,
        tip=Money.zero(request.amount.currency),
        payment_token=request.payment_method,
    )


def to_debit_statement(intent: Mapping[str, Any], request: DebitRequest) -> DebitStatement:
    """
    :raises NotUnderstood: it is about another debit, or contradicts itself.
    """
    charge = to_charge_request(request)
    if find_code(intent, "status") == "processing":
        check_payment_intent(intent, charge)
        return DebitStatement(state=DebitState.PENDING, external_id=str(intent["id"]))
    said = to_statement(intent, charge)
    check(said.state in _STATES, "status")
    if said.state is ChargeState.FAILED:
        return _read_failed(intent, said)
    return DebitStatement(
        state=_STATES[said.state], external_id=said.external_id, movement=said.movement
    )


def _read_failed(intent: Mapping[str, Any], said: ChargeStatement) -> DebitStatement:
    """Of a bank debit the intent says that it failed, the charge why."""
    charge = intent.get("latest_charge")
    why = find_code(charge, "failure_code") if isinstance(charge, Mapping) else ""
    code = choose_code(said.failure_code, why)
    return DebitStatement(
        state=DebitState.FAILED,
        external_id=said.external_id,
        failure=classify(code),
        failure_code=code,
        failure_message=said.failure_message,
    )
