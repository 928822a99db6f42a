"""What a sync finds of sales that went through us."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookedbarber.foundation.money import Money
from payments.models import ExternalTransaction, Payment, PaymentLeg, Refund
from payments.operations.charges import take_payment
from payments.operations.claims import Order
from payments.operations.unknowns import settle_unknown_legs
from payments.states import LegState, PaymentState
from processors.models import Connection
from tests import factories
from tests.payments.books import get_failed_checks
from tests.payments.syncs.accounts import sync

pytestmark = pytest.mark.django_db(transaction=True)

TOKENS = {"stripe": "pm_card_visa", "square": "cnon:card-nonce-ok"}


@pytest.fixture(params=["stripe", "square"])
def connection(request, connect):
    barber = factories.create_barber()
    factories.create_config(barber, mode="decentralized")
    return connect(barber, request.param)


@pytest.fixture(autouse=True)
def _quick(settings):
    settings.PROCESSOR_RETRY_SECONDS = 0.01


def take(connection: Connection) -> Payment:
    order = Order(
        barber=connection.owner,
        amount=Money(75_00, "USD"),
        tip=Money(0, "USD"),
        payment_methods={str(connection.pk): TOKENS[connection.processor]},
    )
    return take_payment(order=order, by="usr_test", now=timezone.now()).payment


def test_an_open_leg_whose_charge_is_listed_is_asked_about_now(connection, simulator, settings):
    settings.QUESTION_SCHEDULE_SECONDS = [3600.0]
    simulator.add_fault("reset_after", account_id=connection.account_id, method="POST")
    payment = take(connection)
    assert payment.state == PaymentState.UNKNOWN
    PaymentLeg.objects.update(is_unanswered=False)
    assert settle_unknown_legs(now=timezone.now()) == 0

    sync(connection)
    asked = settle_unknown_legs(now=timezone.now())

    assert asked == 1
    assert PaymentLeg.objects.get().state == LegState.CAPTURED
    assert Payment.objects.get().state == PaymentState.COMPLETED
    assert ExternalTransaction.objects.get().payment == payment
    assert get_failed_checks() == set()


def test_a_sale_that_we_know_changes_nothing(connection):
    take(connection)
    before = ExternalTransaction.objects.get()

    run = sync(connection)

    assert run.new == 0
    assert ExternalTransaction.objects.get().payment == before.payment
    assert get_failed_checks() == set()


def test_a_refund_in_the_dashboard_counts_against_its_payment_once(connection, simulator):
    payment = take(connection)
    leg = PaymentLeg.objects.get()
    simulator.act("refunds", payment=leg.external_id, amount_minor=25_00)

    sync(connection)
    sync(connection, force=True)

    refund = Refund.objects.get()
    payment.refresh_from_db()
    assert (refund.amount_minor, refund.is_foreign) == (25_00, True)
    assert payment.refunded_minor == 25_00
    assert get_failed_checks() == set()


def test_a_dispute_of_our_sale_is_on_its_payment(connection, simulator):
    payment = take(connection)
    take(connection)  # so that something is left to be paid out, which brings Square's entries
    leg = PaymentLeg.objects.get(payment=payment)
    simulator.act("disputes", payment=leg.external_id)
    simulator.advance(timedelta(days=3).total_seconds())
    names = {"processor": connection.processor, "account_id": connection.account_id}
    simulator.act("payouts", **names)

    sync(connection)
    sync(connection, force=True)

    payment.refresh_from_db()
    assert payment.disputed_minor == 75_00
    assert get_failed_checks() == set()
