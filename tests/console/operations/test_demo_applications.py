"""The demo's OAuth applications: what a visitor needs to press “Connect with …”."""

import pytest

from bookedbarber.console.operations.demo import people
from tests import factories
from tests.oauth import Applications
from tests.payments.operations.test_authorizations import begin, finish
from tests.simulation import SimulatedAccount

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("processor", "account_id"), [("stripe", "acct_demo_free"), ("square", "ML_demo_free")]
)
def test_a_free_account_of_the_demo_can_be_connected(
    platform, simulator, settings, processor, account_id
):
    settings.SIMULATOR_URL = simulator.url
    settings.STRIPE_CONNECT_BASE = settings.STRIPE_API_BASE
    settings.SQUARE_APPLICATION_TOKEN = "EAAA_demo_of_a_test"
    people.open_applications()
    barber = factories.create_barber()
    account = SimulatedAccount(processor, account_id, "")
    begun = begin(barber, processor)

    came = Applications.visit(None, begun.authorize_url, account)

    connection = finish(barber, processor, came)
    assert connection.name == f"A free {processor.title()} account"
