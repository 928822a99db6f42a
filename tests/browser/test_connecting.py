"""A barber connects an account at the processor's own page."""

import pytest
from playwright.sync_api import Page, expect

from processors.models import Connection
from tests import factories
from tests.browser.conftest import log_in
from tests.simulation import SimulatedAccount


@pytest.fixture
def account(live_server, settings, simulator, request):
    """An account at Square whose owner may let our application in, and send him back to us."""
    settings.PUBLIC_URL = live_server.url
    path = "/payments/connections/oauth/{processor}/callback"
    settings.OAUTH_REDIRECT_URL = live_server.url + path
    request.getfixturevalue("applications")
    return simulator.create_account("square", name="Chair 5", currencies=["USD"])


def answer(page: Page, account: SimulatedAccount, word: str) -> None:
    """Start at our page, and say yes or no at the processor's."""
    page.goto("/payments/connections")
    page.get_by_role("button", name="Connect with Square").click()
    expect(page.get_by_role("heading", name="Connect with Square")).to_be_visible()
    page.get_by_label("Account").select_option(account.account_id)
    page.get_by_role("button", name=word).click()


def test_an_account_is_connected_by_consent_at_its_processor(account, open_page):
    person = factories.create_barber(name="Kim")
    page = open_page()
    log_in(page, person.user)
    connections = Connection.objects.filter(owner_id=person.pk, account_id=account.account_id)

    answer(page, account, "Deny")
    expect(page.get_by_role("alert")).to_be_visible()
    assert not connections.exists()

    answer(page, account, "Allow")
    expect(page.get_by_text("Chair 5 is connected.")).to_be_visible()
    assert "code=" not in page.url
    connection = connections.get()
    assert (connection.state, connection.is_authorized) == ("connected", True)
