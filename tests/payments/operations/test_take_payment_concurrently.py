"""Twenty at once: real threads, real commits, real calls."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from payments.models import ExternalTransaction, Payment, PaymentLeg
from payments.queries.book_checks import verify_books
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/api/v1/hybrid-payments/process"
AT_ONCE = 20


def send_at_once(requests: list) -> list:
    """Send each (client, body, key) from a thread of its own."""

    def send(request):
        client, body, key = request
        try:
            return client.post(URL, body, HTTP_IDEMPOTENCY_KEY=key)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(requests)) as threads:
        return list(threads.map(send, requests))


def test_one_key_makes_one_charge(platform, simulator, api):
    user = factories.create_barber().user
    body = {"amount": "75.00", "payment_methods": {"platform": "pm_card_visa"}}

    answers = send_at_once([(api(user), body, "one-key") for _ in range(AT_ONCE)])

    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    codes = {answer.json()["error"]["code"] for answer in answers if answer.status_code == 409}
    assert codes <= {"IDEMPOTENCY_IN_PROGRESS"}
    assert Payment.objects.count() == PaymentLeg.objects.count() == 1
    assert len(simulator.journal(platform.account_id)) == 1


def test_one_appointment_is_charged_once(platform, simulator, api):
    appointment = factories.create_appointment()
    body = {
        "appointment_id": appointment.pk,
        "amount": "75.00",
        "payment_methods": {"platform": "pm_card_visa"},
    }
    user = appointment.barber.user

    answers = send_at_once([(api(user), body, f"key-{number}") for number in range(AT_ONCE)])

    statuses = Counter(answer.status_code for answer in answers)
    assert statuses == {201: 1, 409: AT_ONCE - 1}
    assert len(simulator.journal(platform.account_id)) == 1


def test_different_sales_do_not_disturb_each_other(platform, simulator, api):
    users = [factories.create_barber().user for _ in range(4)]
    body = {"amount": "75.00", "payment_methods": {"platform": "pm_card_visa"}}

    answers = send_at_once(
        [(api(users[number % 4]), body, f"key-{number}") for number in range(AT_ONCE)]
    )

    assert {answer.status_code for answer in answers} == {201}
    assert ExternalTransaction.objects.count() == AT_ONCE
    assert len(simulator.journal(platform.account_id)) == AT_ONCE
    assert not any(found for _, found in verify_books())
