"""A processor that is silent for hours, with a healthy second one and fallback switched on."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from bookedbarber.accounts.models import Barber
from bookedbarber.foundation.money import Money
from payments.models import Payment
from payments.operations.charges import take_payment
from payments.operations.claims import Order
from payments.operations.unknowns import settle_unknown_legs
from payments.states import Mode, PaymentState
from tests import factories
from tests.payments.books import get_failed_checks

pytestmark = pytest.mark.django_db(transaction=True)

BOTH = {"platform": "pm_card_visa", "square": "cnon:card-nonce-ok"}
MANY = 25


@pytest.fixture
def square(platform, connect, settings):
    """The account of a barber whose sales may fall back to the platform."""
    settings.PROCESSOR_RETRY_SECONDS = 0.01
    settings.BREAKER_FAILURES = 1000  # it goes by the real clock, these tests by their own
    settings.PROBE_SECONDS = 0.001  # likewise: every sweep below may send one
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.DECENTRALIZED, fallback_enabled=True)
    return connect(barber)


def take(square) -> Payment:
    order = Order(
        barber=Barber.objects.get(pk=square.owner_id),
        amount=Money(75_00, "USD"),
        tip=Money(0, "USD"),
        payment_methods=BOTH,
    )
    return take_payment(order=order, by="usr_test", now=timezone.now()).payment


def list_states() -> set[str]:
    return set(Payment.objects.values_list("state", flat=True))


def sweep_every(minutes: int, *, hours: int) -> datetime:
    now = timezone.now()
    for _ in range(hours * 60 // minutes):
        now += timedelta(minutes=minutes)
        settle_unknown_legs(now=now)
        assert list_states() == {PaymentState.UNKNOWN}
    return now


def test_after_hours_of_silence_everything_is_settled_within_a_minute(square, platform, simulator):
    simulator.add_fault("reset_before", account_id=square.account_id, times="always")
    for _ in range(MANY):
        take(square)
    now = sweep_every(30, hours=5)

    simulator.clear_faults()
    # A probe goes out every 15 seconds, and beat sweeps every 5.
    settle_unknown_legs(now=now + timedelta(seconds=15))
    settle_unknown_legs(now=now + timedelta(seconds=20))

    assert list_states() == {PaymentState.COMPLETED}
    assert len(simulator.journal(square.account_id)) == MANY
    assert simulator.journal(platform.account_id) == []
    assert get_failed_checks() == set()


def test_a_charge_that_may_still_land_is_neither_called_failed_nor_taken_elsewhere(
    square, platform, simulator
):
    simulator.add_fault(
        "commit_late", account_id=square.account_id, operation="charge", times=1, seconds=90
    )
    payment = take(square)
    simulator.add_fault("reset_before", account_id=square.account_id, operation="charge")
    settle_unknown_legs(now=timezone.now() + timedelta(seconds=6))

    payment.refresh_from_db()
    assert payment.state == PaymentState.UNKNOWN
    assert simulator.journal(platform.account_id) == simulator.journal(square.account_id) == []

    simulator.advance(91)
    settle_unknown_legs(now=timezone.now() + timedelta(minutes=2))

    payment.refresh_from_db()
    assert payment.state == PaymentState.COMPLETED
    assert len(simulator.journal(square.account_id)) == 1
    assert simulator.journal(platform.account_id) == []
