"""The first half of taking a payment: decide, then record the intent in one commit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from bookedbarber.accounts.models import Barber
from bookedbarber.bookings.models import Appointment
from bookedbarber.foundation import idempotency
from bookedbarber.foundation.database import insert
from bookedbarber.foundation.errors import Invalid
from bookedbarber.foundation.idempotency import KeyedRequest, Remembered
from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.money import Money

from ..errors import AppointmentAlreadyPaid
from ..models import Payment, PaymentLeg
from ..queries.routing import Quote, get_barber_facts, quote_route
from ..rules.routing import Route
from ..rules.tokens import resolve_tokens
from ..states import ClientPreference, PaymentState
from .legs import build_first_leg


class PaymentMethodMissing(Invalid):
    """payment_methods: at least one payment token is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody wants to pay. `amount` includes `tip`.

    `payment_methods` are the payer's tokens by "platform", connection id or processor.
    """

    barber: Barber
    amount: Money
    tip: Money
    payment_methods: Mapping[str, str] = field(repr=False)
    appointment: Appointment | None = None
    preference: ClientPreference | None = None
    visit_part: int = 1
    metadata: Mapping[str, Any] = field(default_factory=dict)


def route_order(order: Order, *, now: datetime) -> tuple[Quote, dict[int, str]]:
    """Where the order goes, and the payer's tokens by connection id.

    :raises PaymentMethodMissing: no token at all.
    :raises UnknownPaymentMethod, AmbiguousPaymentMethod: a token for no account, or for several.
    :raises PaymentRoutingFailed: no account that the rules allow is usable.
    """
    if not order.payment_methods:
        raise PaymentMethodMissing(field="payment_methods")
    known = get_barber_facts(order.barber, now=now)
    tokens = resolve_tokens(order.payment_methods, known.accounts)
    quote = quote_route(
        order.barber,
        amount=order.amount,
        tip=order.tip,
        now=now,
        preference=order.preference,
        tokens_for=frozenset(tokens),
        known=known,
    )
    return quote, tokens


def route_checkout(order: Order, *, now: datetime) -> Quote:
    """Where the order would go whatever the payer pays with.

    :raises PaymentRoutingFailed: no account that the rules allow is usable.
    """
    return quote_route(
        order.barber, amount=order.amount, tip=order.tip, now=now, preference=order.preference
    )


def claim_checkout(
    *, order: Order, quote: Quote, by: str, now: datetime, keyed: KeyedRequest | None = None
) -> Payment | Remembered:
    """Record key and pending payment in one commit; raises as `claim_payment`."""
    payment = _build_payment(order, quote, PaymentState.PENDING, by, now)
    with transaction.atomic():
        remembered = _claim_key(keyed, payment, now)
        if remembered is not None:
            return remembered
        _insert_payment(payment)
        if keyed is not None:
            idempotency.release(keyed, now=now)
    return payment


def claim_payment(
    *,
    order: Order,
    quote: Quote,
    tokens: Mapping[int, str],
    by: str,
    now: datetime,
    keyed: KeyedRequest | None = None,
) -> PaymentLeg | Remembered:
    """Record key, payment and leg in one commit; the caller then charges the leg and settles it.

    Returns what is remembered instead when the key was used before.

    :raises AppointmentAlreadyPaid: this part of the visit is paid or being paid.
    :raises KeyReused, StillInProgress: the key belongs to another request, or to one under way.
    """
    payment = _build_payment(order, quote, PaymentState.PROCESSING, by, now)
    payment.seal_tokens(tokens)
    with transaction.atomic():
        remembered = _claim_key(keyed, payment, now)
        if remembered is not None:
            return remembered
        _insert_payment(payment)
        leg = build_first_leg(payment, now=now)
        insert(leg)
    return leg


def _claim_key(keyed: KeyedRequest | None, payment: Payment, now: datetime) -> Remembered | None:
    if keyed is None:
        return None
    lease = timedelta(seconds=settings.CHARGE_LEASE_SECONDS)
    return idempotency.claim(keyed, subject=payment.public_id, lease=lease, now=now)


def _insert_payment(payment: Payment) -> None:
    try:
        insert(payment)
    except IntegrityError as error:
        if "payment_appointment_once" not in str(error):
            raise
        raise AppointmentAlreadyPaid(
            appointment_id=payment.appointment_id, visit_part=payment.visit_part
        ) from error


def _build_payment(
    order: Order, quote: Quote, state: PaymentState, by: str, now: datetime
) -> Payment:
    return Payment(
        public_id=new_public_id("pay"),
        environment=settings.ENVIRONMENT,
        barber=order.barber,
        appointment=order.appointment,
        visit_part=order.visit_part,
        amount_minor=order.amount.amount_minor,
        tip_minor=order.tip.amount_minor,
        currency=order.amount.currency,
        decision=quote.route.decision,
        decision_facts=_describe_decision(quote, order),
        commission_rate=quote.terms.commission.rate,
        commission_minor=quote.fees.commission.amount_minor,
        state=state,
        metadata=dict(order.metadata),
        created_by=by,
        created_at=now,
    )


def _describe_decision(quote: Quote, order: Order) -> dict[str, Any]:
    """The decision with what it rested on, kept with the payment for ever."""
    route, terms = quote.route, quote.terms
    return {
        "connection_id": route.account.connection_id,
        "reason": route.reason,
        "explanation": route.explanation,
        "payment_mode": terms.mode,
        "fallback_available": quote.fallback_available,
        "fallback_connection_id": quote.fallback_connection_id,
        "commission_leg": _describe_commission_leg(route),
        "preference": order.preference,
        # Kept, so that a repeated call is the same request to the letter.
        "description": _describe_sale(order),
        "commission_on_tips": terms.commission.on_tips,
        "commission_on_cash": terms.commission.on_cash,
        "expected_fee_minor": quote.fees.processing_fee.amount_minor,
        "candidates": [
            {
                "connection_id": candidate.account.connection_id,
                "processor": candidate.account.processor,
                "usable": candidate.is_usable,
                "reason": candidate.obstacle,
            }
            for candidate in route.candidates
        ],
    }


def _describe_commission_leg(route: Route) -> dict[str, int] | None:
    part = route.commission_leg
    if part is None:
        return None
    return {"connection_id": part.account.connection_id, "amount_minor": part.amount.amount_minor}


def _describe_sale(order: Order) -> str:
    name = "Walk-in" if order.appointment is None else order.appointment.service_name
    return f"{name} at {order.barber.name}"
