"""Saving a payment method on the plain page, and the commands that take collections."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from collections_app.models import Mandate
from collections_app.tasks import confirm_open_setups
from tests import factories
from tests.collections_app.taking import create_payer, owe

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def barber():
    return factories.create_barber()


@pytest.fixture
def browser(barber):
    client = Client()
    client.force_login(barber.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def agree(browser: Client, **changes: str):
    page = browser.get(reverse("mandate_list")).content.decode()
    version = re.search(r'name="version" value="([^"]+)"', page)
    assert version is not None
    form = {"version": version[1], "accepted": "on"} | changes
    return browser.post(reverse("mandate_list"), form)


def test_a_barber_saves_a_method_sees_his_consent_and_withdraws_it(
    platform, simulator, barber, browser
):
    address = agree(browser)["Location"]
    session = address.rsplit("/", 1)[1]
    assert address.startswith(simulator.url)
    simulator.act(f"setup/{session}", method="pm_card_visa")

    shown = browser.get(reverse("mandate_saved"), follow=True).content.decode()

    mandate = Mandate.objects.get(barber=barber)
    assert "ends in 4242" in shown
    assert "I authorize BookedBarber" in shown
    assert (mandate.accepted_from, mandate.accepted_by) == ("127.0.0.1", barber.user.public_id)
    gone = reverse("mandate_withdraw", args=[mandate.public_id])
    assert "Nothing is saved" in browser.post(gone, follow=True).content.decode()
    assert browser.post(gone).status_code == 404


@pytest.mark.parametrize("changes", [{"accepted": ""}, {"version": "of-yesterday"}])
def test_nobody_is_sent_on_without_agreeing_to_what_is_shown(platform, barber, browser, changes):
    assert agree(browser, **changes).status_code == 200


def test_what_was_saved_by_somebody_who_did_not_come_back_is_found(
    platform, simulator, barber, browser
):
    session = agree(browser)["Location"].rsplit("/", 1)[1]
    assert confirm_open_setups() == 0
    simulator.act(f"setup/{session}", method="pm_usBankAccount_success")

    assert (confirm_open_setups(), confirm_open_setups()) == (1, 0)
    assert Mandate.objects.get(barber=barber).bank_name == "STRIPE TEST BANK"


def test_the_commands_say_what_they_do(platform, simulator):
    collection = owe(create_payer(simulator))

    def run(*words: str) -> str:
        out = StringIO()
        call_command(*words, stdout=out)
        return out.getvalue()

    assert f"{collection.public_id} 50.00 USD" in run("process_collections", "--dry-run")
    assert "Attempted: 1." in run("process_collections")
    assert "0 collections were stuck" in run("check_stuck_collections")
    with pytest.raises(CommandError, match="It is collected"):
        run("retry_collection", collection.public_id, "--reason", "Again")
    failed = owe(collection.barber, state="failed")
    assert "succeeded" in run("retry_collection", failed.public_id, "--reason", "New card")
