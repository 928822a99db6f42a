"""Payments that wait for their payer's authentication: confirmed, given up, or run out of time."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings as project
from django.utils import timezone

from bookedbarber.foundation.money import Money
from payments.models import Payment
from payments.operations.charges import take_payment
from payments.operations.claims import Order
from payments.operations.confirmations import NothingToConfirm, confirm_payment
from payments.operations.unknowns import settle_unknown_legs
from payments.operations.voids import CannotBeVoided, void_payment
from payments.states import LegState, PaymentState
from tests import factories
from tests.payments.books import get_failed_checks

pytestmark = pytest.mark.django_db(transaction=True)

BY = "usr_test"


def take(barber, token="pm_card_authenticationRequired") -> Payment:
    order = Order(
        barber=barber,
        amount=Money(75_00, "USD"),
        tip=Money(0, "USD"),
        payment_methods={"platform": token},
    )
    return take_payment(order=order, by=BY, now=timezone.now()).payment


def confirm(payment: Payment) -> Payment:
    return confirm_payment(payment=payment, by=BY, now=timezone.now())


def after_the_time_of_the_payer() -> datetime:
    return timezone.now() + timedelta(seconds=project.AUTHENTICATION_SECONDS + 1)


@pytest.fixture
def waiting(platform) -> Payment:
    return take(factories.create_barber())


def test_the_payer_is_told_what_to_do(waiting, api, platform):
    client = api(waiting.barber.user)

    body = client.get(f"/api/v1/payments/{waiting.public_id}").json()

    assert body["status"] == "requires_action"
    assert body["next_action"]["type"]
    assert body["next_action"]["client_secret"].startswith(waiting.legs.get().external_id)


def test_the_client_secret_is_not_stored_in_clear(waiting):
    leg = waiting.legs.get()

    assert b"_secret_" not in bytes(leg.sealed_next_action)


def test_an_authenticated_payment_is_completed(waiting, simulator, platform):
    simulator.authenticate(waiting.legs.get().external_id)

    confirmed = confirm(waiting)

    assert confirmed.state == PaymentState.COMPLETED
    assert len(simulator.journal(platform.account_id)) == 1
    assert get_failed_checks() == set()


def test_confirming_again_changes_nothing(waiting, simulator, platform):
    simulator.authenticate(waiting.legs.get().external_id)
    confirm(waiting)

    assert confirm(waiting).state == PaymentState.COMPLETED
    assert len(simulator.journal(platform.account_id)) == 1


def test_a_failed_authentication_fails_the_payment(waiting, simulator):
    simulator.authenticate(waiting.legs.get().external_id, succeeds=False)

    assert confirm(waiting).state == PaymentState.FAILED


def test_a_payment_goes_on_waiting_while_the_payer_has_not_acted(waiting):
    assert confirm(waiting).state == PaymentState.REQUIRES_ACTION


def test_a_payment_that_waits_for_nobody_cannot_be_confirmed(platform):
    declined = take(factories.create_barber(), token="pm_card_chargeDeclined")

    with pytest.raises(NothingToConfirm):
        confirm(declined)


def test_a_payer_who_does_not_act_in_time_pays_nothing(waiting, simulator, platform):
    assert settle_unknown_legs(now=after_the_time_of_the_payer()) == 1

    waiting.refresh_from_db()
    assert (waiting.state, waiting.legs.get().state) == (PaymentState.CANCELED, LegState.VOIDED)
    assert simulator.journal(platform.account_id) == []


def test_a_payer_who_acted_unseen_has_paid(waiting, simulator):
    """Nobody confirmed; at the end of the time the processor's word decides."""
    simulator.authenticate(waiting.legs.get().external_id)

    settle_unknown_legs(now=after_the_time_of_the_payer())

    waiting.refresh_from_db()
    assert waiting.state == PaymentState.COMPLETED
    assert get_failed_checks() == set()


def test_a_waiting_payment_is_voided_at_the_processor(waiting, simulator, platform):
    voided = void_payment(payment=waiting, by=BY, now=timezone.now())

    assert voided.state == PaymentState.CANCELED
    paths = [request["path"] for request in simulator.requests(platform.account_id)]
    assert any(path.endswith("/cancel") for path in paths)
    assert void_payment(payment=waiting, by=BY, now=timezone.now()).state == PaymentState.CANCELED


def test_a_void_that_comes_too_late_finds_the_payment_paid(waiting, simulator):
    simulator.authenticate(waiting.legs.get().external_id)

    voided = void_payment(payment=waiting, by=BY, now=timezone.now())

    assert voided.state == PaymentState.COMPLETED
    assert get_failed_checks() == set()


def test_a_lost_answer_to_a_void_is_asked_for_again(waiting, simulator):
    simulator.add_fault("reset_after", operation="cancel")
    assert void_payment(payment=waiting, by=BY, now=timezone.now()).state == PaymentState.UNKNOWN

    settle_unknown_legs(now=timezone.now() + timedelta(seconds=6))

    waiting.refresh_from_db()
    assert waiting.state == PaymentState.CANCELED


@pytest.mark.parametrize("token", ["pm_card_visa", "pm_card_chargeDeclined"])
def test_what_is_settled_cannot_be_voided(platform, token):
    payment = take(factories.create_barber(), token=token)

    with pytest.raises(CannotBeVoided):
        void_payment(payment=payment, by=BY, now=timezone.now())


def test_the_api_confirms_and_voids(waiting, api, simulator):
    client = api(waiting.barber.user)
    stranger = api(factories.create_barber().user)
    confirm_url = f"/api/v1/hybrid-payments/payments/{waiting.public_id}/confirm"
    void_url = f"/api/v1/payments/{waiting.public_id}/void"

    assert stranger.post(confirm_url).status_code == 404
    assert stranger.post(void_url).status_code == 404
    assert client.post(confirm_url).json()["status"] == "requires_action"
    assert client.post(void_url).json()["status"] == "canceled"
    assert client.post(confirm_url).status_code == 409
