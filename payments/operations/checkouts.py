"""Payments that wait for their payer on a page."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from bookedbarber.foundation import idempotency
from bookedbarber.foundation.errors import Conflict
from bookedbarber.foundation.idempotency import KeyedRequest, Remembered
from bookedbarber.foundation.transitions import move

from ..models import Payment, PaymentLeg
from ..queries.routing import get_barber_facts
from ..rules.tokens import resolve_tokens
from ..states import PaymentState
from .charges import Taken, carry_out, recall_payment
from .claims import Order, PaymentMethodMissing, claim_checkout, route_checkout
from .legs import build_first_leg

MOST_AT_ONCE = 200


class CheckoutOver(Conflict):
    """This payment page is no longer open."""


def open_checkout(
    *, order: Order, by: str, now: datetime, keyed: KeyedRequest | None = None
) -> Taken:
    """Decide where a payment will go and write it down as `pending`; the payer pays on its page.

    :raises PaymentRoutingFailed, AppointmentAlreadyPaid: as `take_payment`.
    :raises KeyReused, StillInProgress: as `take_payment`.
    """
    if keyed and (remembered := idempotency.find_remembered(keyed, now=now)):
        return recall_payment(remembered=remembered, keyed=keyed)
    quote = route_checkout(order, now=now)
    opened = claim_checkout(order=order, quote=quote, by=by, now=now, keyed=keyed)
    if isinstance(opened, Remembered):
        return recall_payment(remembered=opened, keyed=keyed)
    return Taken(opened)


def submit_checkout(
    *, payment: Payment, payment_methods: Mapping[str, str], by: str, now: datetime
) -> Payment:
    """The payer gives a payment method: charge it as the decision says.

    Of two submissions at once one charges; the other is told the page is over.

    :raises CheckoutOver: it was submitted, voided, or its time is up.
    :raises PaymentMethodMissing: no token for the account that was decided on.
    :raises UnknownPaymentMethod, AmbiguousPaymentMethod: a token for no account, or for several.
    """
    accounts = get_barber_facts(payment.barber, now=now).accounts
    tokens = resolve_tokens(payment_methods, accounts)
    _demand_tokens(payment, tokens)
    leg = _submit(payment, tokens, by, now)
    return carry_out(leg=leg, by=by, now=now)


def cancel_expired_checkouts(*, now: datetime) -> int:
    """Close pages that nobody used in time; returns how many. Repeatable."""
    opened_before = now - timedelta(seconds=settings.CHECKOUT_SECONDS)
    with transaction.atomic():
        expired = list(
            Payment.objects.select_for_update(skip_locked=True, of=["self"]).filter(
                state=PaymentState.PENDING,
                created_at__lt=opened_before,
                environment=settings.ENVIRONMENT,
            )[:MOST_AT_ONCE]
        )
        for payment in expired:
            move(
                payment,
                PaymentState.CANCELED,
                by="job:payments.cancel_expired_checkouts",
                reason="nobody paid in time",
            )
    return len(expired)


def _demand_tokens(payment: Payment, tokens: Mapping[int, str]) -> None:
    missing = [key for key in payment.list_charged_connections() if key not in tokens]
    if missing:
        raise PaymentMethodMissing(
            f"payment_methods: a token for connection {missing[0]} is needed",
            field="payment_methods",
        )


@transaction.atomic
def _submit(payment: Payment, tokens: Mapping[int, str], by: str, now: datetime) -> PaymentLeg:
    locked = Payment.objects.select_for_update(of=["self"]).get(pk=payment.pk)
    is_over = locked.created_at < now - timedelta(seconds=settings.CHECKOUT_SECONDS)
    if locked.state != PaymentState.PENDING or is_over:
        raise CheckoutOver(status=locked.status)
    locked.seal_tokens(tokens)
    move(locked, PaymentState.PROCESSING, by=by, sealed_tokens=locked.sealed_tokens)
    leg = build_first_leg(locked, now=now)
    leg.save(force_insert=True)
    return leg
