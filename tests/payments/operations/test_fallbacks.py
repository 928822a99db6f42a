"""Falling back to the platform: only after a definite refusal that says no money moved."""

import pytest
from django.utils import timezone

from bookedbarber.foundation.money import Money
from payments.models import Payment
from payments.operations.charges import take_payment
from payments.operations.claims import Order
from payments.states import Decision, LegState, Mode, PaymentState
from processors.states import ConnectionState
from tests import factories
from tests.payments.books import get_failed_checks

pytestmark = pytest.mark.django_db(transaction=True)

BOTH = {"platform": "pm_card_visa", "square": "cnon:card-nonce-ok"}


@pytest.fixture
def barber(platform, connect):
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.DECENTRALIZED)
    connect(barber)
    return barber


def take(barber, methods=BOTH) -> Payment:
    order = Order(
        barber=barber, amount=Money(75_00, "USD"), tip=Money(0, "USD"), payment_methods=methods
    )
    payment = take_payment(order=order, by="usr_test", now=timezone.now()).payment
    payment.refresh_from_db()
    return payment


def list_legs(payment: Payment) -> list[tuple[str, str]]:
    legs = payment.legs.order_by("pk").select_related("connection")
    return [(leg.connection.processor, leg.state) for leg in legs]


def test_a_processor_that_was_not_reached_is_replaced_by_the_platform(barber, settings):
    settings.SQUARE_API_BASE = "http://127.0.0.1:9/square"

    payment = take(barber)

    assert (payment.state, payment.decision) == (PaymentState.COMPLETED, Decision.FALLBACK)
    assert list_legs(payment) == [("square", LegState.FAILED), ("stripe", LegState.CAPTURED)]
    assert payment.decision_facts["reason"] == "processor_refused"
    assert get_failed_checks() == set()


def test_a_token_that_the_processor_refuses_lets_the_platform_try(barber):
    payment = take(barber, BOTH | {"square": "cnon:unheard-of"})

    assert (payment.state, payment.decision) == (PaymentState.COMPLETED, Decision.FALLBACK)


def test_revoked_credentials_let_the_platform_try_and_expire_the_connection(
    barber, django_capture_on_commit_callbacks
):
    from payments.tasks import check_connection

    square = barber.connections.get()
    square.seal_credentials({"access_token": "EAAA-revoked"})
    square.save()

    payment = take(barber)
    check_connection(connection_id=square.pk)

    square.refresh_from_db()
    assert payment.decision == Decision.FALLBACK
    assert square.state == ConnectionState.EXPIRED


def test_a_decline_is_the_payers_answer(barber):
    payment = take(barber, BOTH | {"square": "cnon:card-nonce-declined"})

    assert payment.state == PaymentState.FAILED
    assert list_legs(payment) == [("square", LegState.FAILED)]


def test_without_a_platform_token_nothing_else_is_tried(barber, settings):
    settings.SQUARE_API_BASE = "http://127.0.0.1:9/square"

    payment = take(barber, {"square": "cnon:card-nonce-ok"})

    assert payment.state == PaymentState.FAILED
    assert list_legs(payment) == [("square", LegState.FAILED)]


def test_with_fallback_switched_off_nothing_else_is_tried(platform, connect, settings):
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.DECENTRALIZED, fallback_enabled=False)
    connect(barber)
    settings.SQUARE_API_BASE = "http://127.0.0.1:9/square"

    assert take(barber).state == PaymentState.FAILED


def test_the_platform_is_tried_once(barber, settings):
    settings.SQUARE_API_BASE = settings.STRIPE_API_BASE = "http://127.0.0.1:9/none"

    payment = take(barber)

    assert payment.state == PaymentState.FAILED
    assert list_legs(payment) == [("square", LegState.FAILED), ("stripe", LegState.FAILED)]
