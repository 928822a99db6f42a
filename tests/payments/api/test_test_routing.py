"""GET and POST /hybrid-payments/test-routing: trying out, without an error."""

import pytest

from payments.states import Mode
from tests import factories

pytestmark = pytest.mark.django_db

URL = "/api/v1/hybrid-payments/test-routing"
ROUTE = "/api/v1/hybrid-payments/route"


@pytest.fixture
def barber(db):
    factories.create_platform_connection()
    return factories.create_hybrid_barber()


def test_without_anything_it_says_what_it_needs(barber, api):
    body = api(barber.user).get(URL).json()

    assert "amount" in body["parameters"]
    assert "would_succeed" not in body


@pytest.mark.parametrize("method", ["get", "post"])
def test_it_answers_as_the_route_does(barber, api, method):
    client = api(barber.user)

    answer = getattr(client, method)(URL, {"amount": "75.00", "currency": "USD"})

    assert answer.status_code == 200, answer.content
    assert answer.json() == {
        "would_succeed": True,
        **client.post(ROUTE, {"amount": "75.00", "currency": "USD"}).json(),
    }


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_refusal_is_an_answer_too(api, method):
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.DECENTRALIZED, fallback_enabled=False)

    answer = getattr(api(barber.user), method)(URL, {"amount": "75.00"})

    assert answer.status_code == 200
    body = answer.json()
    assert (body["would_succeed"], body["code"]) == (False, "PAYMENT_ROUTING_FAILED")
    assert f"barber {barber.pk} has no usable connection" in body["reason"]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"amount": "0.99"}, 400),
        ({"amount": "75.00", "surprise": "x"}, 400),
        ({"amount": "75.00", "barber_id": 10**9}, 404),
    ],
)
def test_bad_input_stays_an_error(barber, api, method, fields, status):
    assert getattr(api(barber.user), method)(URL, fields).status_code == status


def test_it_counts_as_routing(barber, api):
    client = api(barber.user)
    client.post(ROUTE, {"amount": "75.00"})

    assert client.get(URL)["X-RateLimit-Remaining"] == "998"
