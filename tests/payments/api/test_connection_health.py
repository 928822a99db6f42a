"""/external-payments/connections/{id}/reset, and which connections are there to be seen."""

import pytest

from processors.models import Connection
from tests import factories
from tests.payments.api.test_connections import URL, ask_for, one, refuse

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def barber(transactional_db):
    factories.create_fee_schedules()
    return factories.create_barber()


@pytest.fixture
def account(simulator):
    return simulator.create_account("square")


def test_a_reset_forgets_the_failures_and_asks_afresh(barber, account, api):
    client = api(barber.user)
    created = client.post(URL, ask_for(account)).json()
    Connection.objects.update(state="error", error_count=7, last_error="no answer")

    answer = client.post(one(created["id"], "/reset"))

    body = answer.json()
    assert answer.status_code == 200, answer.content
    assert (body["status"], body["error_count"], body["last_error"]) == ("connected", 0, "")


def test_what_never_came_to_be_is_not_listed(barber, api):
    removed = factories.create_connection(barber, state="removed")
    client = api(barber.user)

    assert client.get(URL).json()["data"] == []
    refuse(client.get(one(removed)), 404, "NOT_FOUND")
