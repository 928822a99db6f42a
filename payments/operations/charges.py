"""Taking a payment: claim → commit → call → settle."""

from dataclasses import dataclass
from datetime import datetime

from bookedbarber.foundation import idempotency
from bookedbarber.foundation.idempotency import Answer, KeyedRequest, Remembered
from processors.contract import ChargeRequest, ChargeResult, Charges, ChargeState
from processors.errors import (
    AnswerLost,
    CardDeclined,
    CredentialsRefused,
    ProcessorNotReached,
    RequestRefused,
)
from processors.models import Connection
from processors.registry import get_adapter

from ..models import Payment, PaymentLeg
from ..states import FINAL_PAYMENT_STATES, FailureKind
from .claims import Order, claim_payment, route_order
from .settlement import Evidence, Outcome, settle_leg


@dataclass(frozen=True, slots=True)
class Taken:
    """The payment as it now stands; `replayed` is the frozen answer of an earlier request."""

    payment: Payment
    replayed: Answer | None = None


def take_payment(
    *, order: Order, by: str, now: datetime, keyed: KeyedRequest | None = None
) -> Taken:
    """Charge the payer through the account that the barber's rules choose.

    The intent is committed before the processor is called and the outcome after, so a crash in
    between leaves a leg that is asked about, never a lost charge. Repeating it under the same key
    charges nothing. A decline, a refusal and an unknown outcome are states of the payment.

    :raises PaymentMethodMissing: no token at all.
    :raises UnknownPaymentMethod, AmbiguousPaymentMethod: a token for no account, or for several.
    :raises PaymentRoutingFailed: no account that the rules allow is usable.
    :raises AppointmentAlreadyPaid: this part of the visit is paid or being paid.
    :raises KeyReused, StillInProgress: the key belongs to another request, or to one under way.
    """
    if keyed and (remembered := idempotency.find_remembered(keyed, now=now)):
        return _recall(remembered, keyed)
    quote, tokens = route_order(order, now=now)
    claimed = claim_payment(order=order, quote=quote, by=by, now=now, keyed=keyed)
    if isinstance(claimed, Remembered):
        return _recall(claimed, keyed)
    token = tokens[quote.route.account.connection_id]
    return Taken(_charge(claimed, token, by, now, keyed))


def _charge(
    leg: PaymentLeg, token: str, by: str, now: datetime, keyed: KeyedRequest | None
) -> Payment:
    evidence = _send(leg, token)
    if evidence.outcome == Outcome.REQUIRES_ACTION:
        settle_leg(leg=leg, evidence=evidence, by=by, now=now)
        evidence = _cancel(leg, evidence.external_id)
    return settle_leg(leg=leg, evidence=evidence, by=by, now=now, keyed=keyed)


def _send(leg: PaymentLeg, token: str) -> Evidence:
    """One call to the processor, its outcome as evidence."""
    connection = Connection.objects.get(pk=leg.connection_id)
    request = ChargeRequest(
        reference=leg.public_id,
        amount=leg.amount,
        tip=leg.tip,
        payment_token=token,
        description=_describe(leg.payment),
        metadata={"payment": leg.payment.public_id},
    )
    try:
        result = get_adapter(connection.get_access(), Charges).charge(request)
    except AnswerLost as error:
        return Evidence(outcome=Outcome.UNKNOWN, message=error.message)
    except CardDeclined as error:
        return _fail(FailureKind.DECLINED, error.message, error.reason, error.external_id)
    except CredentialsRefused as error:
        return _fail(FailureKind.CREDENTIALS, error.message)
    except RequestRefused as error:
        return _fail(
            FailureKind.REFUSED, error.message, str(error.details.get("processor_code", ""))
        )
    except ProcessorNotReached as error:
        return _fail(FailureKind.NOT_REACHED, error.message)
    return _to_evidence(result)


def _fail(kind: FailureKind, message: str, code: str = "", external_id: str = "") -> Evidence:
    return Evidence(
        outcome=Outcome.FAILED,
        failure_kind=kind,
        code=code or kind.value,
        message=message,
        external_id=external_id,
    )


def _to_evidence(result: ChargeResult) -> Evidence:
    outcome = {
        ChargeState.CAPTURED: Outcome.CAPTURED,
        ChargeState.REQUIRES_ACTION: Outcome.REQUIRES_ACTION,
    }[result.state]
    return Evidence(outcome=outcome, external_id=result.external_id, movement=result.movement)


def _cancel(leg: PaymentLeg, external_id: str) -> Evidence:
    """Cancel a charge that waits for the payer's authentication; nobody could complete it."""
    connection = Connection.objects.get(pk=leg.connection_id)
    try:
        get_adapter(connection.get_access(), Charges).cancel_charge(external_id)
    except (AnswerLost, RequestRefused, CredentialsRefused, ProcessorNotReached) as error:
        return Evidence(outcome=Outcome.UNKNOWN, message=error.message)
    return Evidence(
        outcome=Outcome.VOIDED,
        failure_kind=FailureKind.AUTHENTICATION,
        code="authentication_required",
        message="The card needs the payer's authentication, which is not offered here",
    )


def _describe(payment: Payment) -> str:
    if payment.appointment is None:
        return f"Walk-in at {payment.barber.name}"
    return f"{payment.appointment.service_name} at {payment.barber.name}"


def _recall(remembered: Remembered, keyed: KeyedRequest | None) -> Taken:
    """What a repetition gets: the frozen answer, or the present state, frozen if it is final."""
    payment = Payment.objects.get(public_id=remembered.subject)
    if remembered.answer is not None:
        return Taken(payment, remembered.answer)
    if keyed is not None and payment.state in FINAL_PAYMENT_STATES:
        idempotency.keep_answer(keyed, payment)
    return Taken(payment)
