"""Connecting by OAuth in the browser: the button, the way back, and the webhook."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse

from processors.models import Connection, WebhookDoor
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

LIST = reverse("connection_list")
START = reverse("authorization_start", args=["square"])
CALLBACK = reverse("authorization_callback", args=["square"])


@pytest.fixture
def barber(transactional_db):
    return factories.create_barber()


@pytest.fixture
def account(simulator):
    return simulator.create_account("square", name="Chair 5")


@pytest.fixture
def browser(client, barber):
    client.force_login(barber.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def go(browser, applications, account, answer: str = "approve") -> str:
    """Press the button, decide at the processor, and come back; returns the page one sees."""
    sent = browser.post(START)
    came = applications.visit(sent.url, account, answer=answer)
    return browser.get(f"{CALLBACK}?{urlencode(came)}", follow=True).content.decode()


def test_an_account_is_connected_by_its_button(applications, browser, account):
    assert "Connect with Square" in browser.get(LIST).content.decode()

    page = go(browser, applications, account)

    assert "Chair 5 is connected." in page
    assert "Connected" in page


def test_a_pending_account_says_what_it_waits_for(applications, browser):
    browser.post(START)

    page = browser.get(LIST).content.decode()

    assert "waits for its owner" in page
    assert "pending:" not in page


def test_saying_no_is_understood(applications, browser, account):
    page = go(browser, applications, account, answer="deny")

    assert "The account&#x27;s owner did not give us access." in page
    assert "Chair 5" not in page


def test_coming_back_with_a_strange_state_is_told(applications, browser):
    page = browser.get(f"{CALLBACK}?state=x&code=y", follow=True).content.decode()

    assert "this authorization was not begun here" in page


def test_who_is_not_logged_in_logs_in_first_and_comes_back(applications, client):
    response = client.get(f"{CALLBACK}?state=x&code=y")

    assert response.status_code == 302
    assert "state%3Dx%26code%3Dy" in response.url


def test_looking_does_not_begin_anything(applications, browser):
    assert browser.get(START).status_code == 405
    assert not Connection.objects.of_barbers().exists()


def test_without_an_application_there_is_no_button(applications, browser, settings):
    settings.SQUARE_APPLICATION_ID = ""

    page = browser.get(LIST).content.decode()
    refused = browser.post(START, follow=True).content.decode()

    assert "Connect with Square" not in page
    assert "Connect with Stripe" in page
    assert "cannot be connected by OAuth here" in refused


def test_the_webhook_is_recreated_from_the_page(applications, browser, account):
    go(browser, applications, account)
    connection = Connection.objects.of_barbers().get()

    page = browser.post(reverse("connection_webhook", args=[connection.public_id]), follow=True)

    assert "serves all accounts connected by OAuth" in page.content.decode()
    assert WebhookDoor.objects.get().get_secrets()
