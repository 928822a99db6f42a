"""Taking a payment: claim → commit → call → settle."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from bookedbarber.foundation import idempotency
from bookedbarber.foundation.idempotency import Answer, KeyedRequest, Remembered
from processors.transport import get_seconds_left, time_limit

from ..models import Payment, PaymentLeg
from ..states import FINAL_PAYMENT_STATES
from .claims import Order, claim_payment, route_order
from .compensations import send_compensations
from .sending import send
from .settlement import Settled, settle_leg


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
    between leaves a leg that is asked about, never a lost charge. After a definite technical
    refusal the platform is tried once, where the rules agreed on it. Repeating it under the same
    key charges nothing. A decline, a refusal and an unknown outcome are states of the payment.

    :raises PaymentMethodMissing: no token at all.
    :raises UnknownPaymentMethod, AmbiguousPaymentMethod: a token for no account, or for several.
    :raises PaymentRoutingFailed: no account that the rules allow is usable.
    :raises AppointmentAlreadyPaid: this part of the visit is paid or being paid.
    :raises KeyReused, StillInProgress: the key belongs to another request, or to one under way.
    """
    if keyed and (remembered := idempotency.find_remembered(keyed, now=now)):
        return recall_payment(remembered=remembered, keyed=keyed)
    quote, tokens = route_order(order, now=now)
    claimed = claim_payment(order=order, quote=quote, tokens=tokens, by=by, now=now, keyed=keyed)
    if isinstance(claimed, Remembered):
        return recall_payment(remembered=claimed, keyed=keyed)
    return Taken(carry_out(leg=claimed, by=by, now=now, keyed=keyed))


def recall_payment(*, remembered: Remembered, keyed: KeyedRequest | None) -> Taken:
    """What a repetition gets: the frozen answer, or the present state, frozen if it is final."""
    payment = Payment.objects.get(public_id=remembered.subject)
    if remembered.answer is not None:
        return Taken(payment, remembered.answer)
    if keyed is not None and payment.state in FINAL_PAYMENT_STATES:
        idempotency.keep_answer(keyed, payment)
    return Taken(payment)


def carry_out(
    *, leg: PaymentLeg, by: str, now: datetime, keyed: KeyedRequest | None = None
) -> Payment:
    """Make the claimed call, settle it, and go on with the calls that follow from it.

    Ends when the payment rests or the time is up; then the sweeper goes on from what is written.
    """
    with time_limit(settings.CHARGE_BUDGET_SECONDS):
        settled = settle_leg(leg=leg, evidence=send(leg), by=by, now=now, keyed=keyed)
        while settled.claimed.leg is not None and get_seconds_left() > 0:
            current = settled.claimed.leg
            settled = settle_leg(leg=current, evidence=send(current), by=by, now=now, keyed=keyed)
        send_compensations(settled.claimed.refunds, by=by, now=now)
    return settled.payment


def carry_on(settled: Settled, *, by: str, now: datetime) -> Payment:
    """Make the calls that a settlement has claimed."""
    if settled.claimed.leg is not None:
        return carry_out(leg=settled.claimed.leg, by=by, now=now)
    with time_limit(settings.CHARGE_BUDGET_SECONDS):
        send_compensations(settled.claimed.refunds, by=by, now=now)
    return settled.payment
