"""Payments without a payment method: the payer pays on a page."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings as project
from django.db import connection
from django.utils import timezone

from payments.models import Payment
from payments.operations.checkouts import CheckoutOver, cancel_expired_checkouts, submit_checkout
from payments.states import Mode, PaymentState
from tests import factories
from tests.payments.books import get_failed_checks

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pending(platform, api) -> Payment:
    body = api(factories.create_barber().user).post("/api/v1/payments", {"amount": "75.00"}).json()
    return Payment.objects.get(public_id=body["payment_id"])


def submit(payment: Payment, token="pm_card_visa") -> Payment:
    return submit_checkout(
        payment=payment,
        payment_methods={"platform": token},
        by="payer:test",
        now=timezone.now(),
    )


def test_a_payment_without_a_method_has_an_address_for_its_payer(platform, api):
    client = api(factories.create_barber().user)

    answer = client.post("/api/v1/payments", {"amount": "75.00"}, HTTP_IDEMPOTENCY_KEY="k")
    again = client.post("/api/v1/payments", {"amount": "75.00"}, HTTP_IDEMPOTENCY_KEY="k")

    body = answer.json()
    assert (answer.status_code, body["status"], body["legs"]) == (201, "pending", [])
    assert body["checkout_url"] == f"{project.PUBLIC_URL}/pay/{body['payment_id']}"
    assert again.json()["payment_id"] == body["payment_id"]


def test_the_payer_pays(pending, simulator, platform):
    assert submit(pending).state == PaymentState.COMPLETED
    assert len(simulator.journal(platform.account_id)) == 1
    assert get_failed_checks() == set()


def test_a_declined_payer_ends_the_payment(pending):
    assert submit(pending, token="pm_card_chargeDeclined").state == PaymentState.FAILED


def test_a_page_is_submitted_once(pending, simulator, platform):
    def pay(_number):
        try:
            return submit(pending).state
        except CheckoutOver:
            return "over"
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(pay, range(8)))

    assert sorted(outcomes) == ["completed"] + ["over"] * 7
    assert len(simulator.journal(platform.account_id)) == 1


def test_a_page_closes_after_its_time(pending):
    over = timezone.now() + timedelta(seconds=project.CHECKOUT_SECONDS + 1)

    assert cancel_expired_checkouts(now=timezone.now()) == 0
    assert cancel_expired_checkouts(now=over) == 1

    pending.refresh_from_db()
    assert pending.state == PaymentState.CANCELED
    with pytest.raises(CheckoutOver):
        submit(pending)


def test_the_decision_stands_when_the_payer_comes(platform, connect, api, simulator):
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.DECENTRALIZED)
    square = connect(barber)
    body = api(barber.user).post("/api/v1/payments", {"amount": "75.00"}).json()
    payment = Payment.objects.get(public_id=body["payment_id"])

    submit_checkout(
        payment=payment,
        payment_methods={str(square.pk): "cnon:card-nonce-ok"},
        by="payer:test",
        now=timezone.now(),
    )

    assert len(simulator.journal(square.account_id)) == 1


def test_the_payer_needs_no_login(pending, client):
    page = client.get(f"/pay/{pending.public_id}")
    assert (page.status_code, b"75.00 USD" in page.content) == (200, True)

    client.post(f"/pay/{pending.public_id}", {"card": "approved"})

    pending.refresh_from_db()
    assert pending.state == PaymentState.COMPLETED
    assert b"Completed" in client.get(f"/pay/{pending.public_id}").content


def test_nobody_guesses_a_page(platform, client):
    assert client.get("/pay/pay_01jd0000000000000000000000").status_code == 404
