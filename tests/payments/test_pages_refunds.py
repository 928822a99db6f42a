"""Refunding from the page of a payment."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from bookedbarber.accounts.roles import Role
from payments.models import Payment, Refund
from payments.states import RefundState
from tests import factories
from tests.payments.refunding import list_refunded, take

pytestmark = pytest.mark.django_db(transaction=True)


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def payment(platform) -> Payment:
    return take(factories.create_barber())


@pytest.fixture
def browser(payment) -> Client:
    return browser_of(payment.barber.user)


def detail(payment: Payment) -> str:
    return reverse("payment_detail", args=[payment.public_id])


def open_form(browser: Client, payment: Payment) -> dict[str, str]:
    """What a browser would send of the form as it is shown."""
    page = browser.get(detail(payment)).content.decode()
    key = re.search(r'name="refund-key" value="([0-9a-f]{32})"', page)
    assert key, "the page has no form for a refund"
    return {"refund-key": key[1], "refund-amount": "", "refund-reason": ""}


def send(browser: Client, payment: Payment, form: dict[str, str]):
    return browser.post(reverse("payment_refund", args=[payment.public_id]), form)


def test_a_part_is_refunded_and_shown(browser, payment, platform, simulator):
    form = open_form(browser, payment) | {"refund-amount": "30.00", "refund-reason": "Too short"}

    answer = send(browser, payment, form)

    assert (answer.status_code, answer.url) == (302, detail(payment))
    page = browser.get(answer.url).content.decode()
    assert "Partly refunded" in page
    assert "Too short" in page
    assert "45.00 USD can be refunded" in page
    assert list_refunded(simulator, platform.account_id) == [30_00]


def test_two_clicks_are_one_refund(browser, payment, platform, simulator):
    form = open_form(browser, payment) | {"refund-amount": "30.00"}

    for _ in range(2):
        assert send(browser, payment, form).status_code == 302

    assert list_refunded(simulator, platform.account_id) == [30_00]


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("75.01", "75.01 USD is more than the 75.00 USD that is left."),
        ("0", "Must be more than nothing."),
        ("1.001", "USD has 2 decimal places."),
        ("a lot", "Enter a number."),
    ],
)
def test_what_makes_no_sense_is_said_beside_the_amount(browser, payment, amount, said):
    answer = send(browser, payment, open_form(browser, payment) | {"refund-amount": amount})

    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not Refund.objects.exists()


def test_a_refusal_of_the_processor_is_shown(browser, payment, simulator):
    simulator.add_fault("revoked_token", operation="refund")

    answer = send(browser, payment, open_form(browser, payment))

    page = browser.get(answer.url).content.decode()
    assert Refund.objects.get().state == RefundState.FAILED
    assert "does not accept the account" in page
    assert "75.00 USD can be refunded" in page


def test_what_is_refunded_whole_has_no_form(browser, payment):
    answer = send(browser, payment, open_form(browser, payment))

    page = browser.get(answer.url).content.decode()
    assert "refund-key" not in page
    assert "Refunded" in page


def test_a_stranger_finds_no_payment_to_refund(payment):
    stranger = browser_of(factories.create_barber().user)
    form = {"refund-key": "0" * 32, "refund-amount": "1.00"}

    assert send(stranger, payment, form).status_code == 404


def test_a_client_has_no_form_and_refunds_nothing(payment):
    user = factories.create_user(Role.CLIENT)
    client = factories.create_client(payment.barber, user=user)
    payment.appointment = factories.create_appointment(client=client)
    payment.save()
    browser = browser_of(user)

    assert "refund-key" not in browser.get(detail(payment)).content.decode()
    form = {"refund-key": "0" * 32, "refund-amount": "1.00"}
    assert send(browser, payment, form).status_code == 403
    assert not Refund.objects.exists()
