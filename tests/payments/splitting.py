"""Split sales for tests: a hybrid barber with a Square account beside the platform's Stripe."""

from datetime import datetime, timedelta
from itertools import count

from django.utils import timezone

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.money import Money
from payments.models import Payment, PaymentLeg, Refund
from payments.operations.charges import take_payment
from payments.operations.claims import Order
from payments.operations.unknown_refunds import mark_lost_refunds, settle_unknown_refunds
from payments.operations.unknowns import mark_lost_legs, settle_unknown_legs
from payments.states import LegRole, Mode
from processors.models import Connection
from tests import factories
from tests.waiting import wait_until

BY = "usr_test"
TOKENS = {"platform": "pm_card_visa", "square": "cnon:card-nonce-ok"}
ENDS = {"completed", "failed", "canceled"}


def create_split_barber(connect) -> Barber:
    """From 200.00 USD on his sales are split at 20 %."""
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.HYBRID, split_threshold_minor=200_00)
    connect(barber)
    return barber


def take(barber: Barber, minor: int = 300_00, tip_minor: int = 0, **tokens: str) -> Payment:
    """A sale paid with good cards but for `tokens`; an empty token: none for that account."""
    methods = {name: token for name, token in (TOKENS | tokens).items() if token}
    order = Order(
        barber=barber,
        amount=Money(minor, "USD"),
        tip=Money(tip_minor, "USD"),
        payment_methods=methods,
    )
    payment = take_payment(order=order, by=BY, now=timezone.now()).payment
    payment.refresh_from_db()
    return payment


def get_square(barber: Barber) -> Connection:
    connection: Connection = barber.connections.get()
    return connection


def list_legs(payment: Payment) -> list[tuple[str, str, int]]:
    """Role, state and amount in minor units of each leg, in the order of their making."""
    return [(leg.role, leg.state, leg.amount_minor) for leg in payment.legs.order_by("pk")]


def get_leg(payment: Payment, role: LegRole) -> PaymentLeg:
    leg: PaymentLeg = payment.legs.get(role=role)
    return leg


def list_moved(simulator, connection: Connection) -> list[tuple[str, int]]:
    """What really moved on an account: kind and minor units, refunds negative."""
    journal = simulator.journal(connection.account_id)
    return [(row["kind"], row["amount_minor"]) for row in journal]


def settle_everything() -> None:
    """Let time pass until nothing is open, the sweepers running as beat runs them.

    :raises AssertionError: something is still open after that.
    """
    moments = (timezone.now() + timedelta(minutes=2 * number) for number in count(1))
    wait_until(lambda: _settle_once(next(moments)))


def _settle_once(now: datetime) -> bool:
    mark_lost_legs(now=now)
    mark_lost_refunds(now=now)
    settle_unknown_legs(now=now)
    settle_unknown_refunds(now=now)
    return not _list_open()


def _list_open() -> list[str]:
    payments = Payment.objects.exclude(state__in=ENDS | {"pending"})
    refunds = Refund.objects.open()
    return [str(row) for row in (*payments, *refunds)]
