"""GET /hybrid-payments/my-options and /options/{barber_id}."""

import pytest

from bookedbarber.accounts.roles import Role
from payments.states import Mode
from tests import factories

pytestmark = pytest.mark.django_db

MINE = "/api/v1/hybrid-payments/my-options"


def of(barber) -> str:
    return f"/api/v1/hybrid-payments/options/{barber.pk}"


@pytest.fixture
def barber(db):
    barber = factories.create_hybrid_barber(shop=factories.create_shop())
    factories.create_platform_connection()
    factories.create_connection(barber, name="Chair 5")
    return barber


def test_the_answer_lists_the_ways_to_pay_with_their_costs(barber, api):
    answer = api(barber.user).get(MINE, {"amount": "75.00"})

    assert answer.status_code == 200, answer.content
    body = answer.json()
    square = barber.connections.get()
    platform, external = body.pop("available_methods")
    assert (platform["type"], platform["processing_fee"], platform["default"]) == (
        "platform",
        "2.48",
        False,
    )
    assert external == {
        "type": "external",
        "processor": "square",
        "connection_id": square.pk,
        "display_name": "Chair 5",
        "processing_fee": "2.05",
        "commission": "15.00",
        "net_amount": "57.95",
        "default": True,
    }
    assert body == {
        "barber_id": barber.pk,
        "payment_mode": "hybrid",
        "default_method": "external",
        "fallback_enabled": True,
        "external_connections": [
            {"connection_id": square.pk, "processor": "square", "display_name": "Chair 5"}
        ],
        "fee_breakdown": {
            "amount": "75.00",
            "currency": "USD",
            "commission_rate": "20.00",
            "processing_fee": "2.05",
            "commission": "15.00",
            "net_amount": "57.95",
        },
    }


def test_where_nothing_is_possible_there_is_no_default(api):
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.DECENTRALIZED)

    body = api(barber.user).get(MINE).json()

    assert (body["available_methods"], body["default_method"]) == ([], None)
    assert body["fee_breakdown"]["processing_fee"] is None
    assert body["fee_breakdown"]["amount"] == "100.00"


def test_those_concerned_may_read_them(barber, api):
    payer = factories.create_user(Role.CLIENT)
    factories.create_client(barber, user=payer)
    people = [barber.user, barber.shop.owner, payer, factories.create_user(Role.ADMIN)]

    answers = [api(person).get(of(barber), {"amount": "75.00"}) for person in people]

    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.content for answer in answers}) == 1


def test_to_others_the_barber_does_not_exist(barber, api):
    others = [
        factories.create_barber().user,
        factories.create_shop().owner,
        factories.create_user(Role.CLIENT),
    ]

    for person in others:
        answer = api(person).get(of(barber))
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"amount": "0.99"}, "INVALID_PAYMENT_AMOUNT"),
        ({"amount": "75.005"}, "INVALID_PAYMENT_AMOUNT"),
        ({"amount": "abc"}, "INVALID_PAYMENT_AMOUNT"),
        ({"amount": "1000.01", "currency": "GBP"}, "INVALID_PAYMENT_AMOUNT"),
        ({"amount": "75.00", "currency": "EUR"}, "UNSUPPORTED_CURRENCY"),
        ({"surprise": "1"}, "VALIDATION_ERROR"),
    ],
)
def test_bad_input(barber, api, fields, code):
    answer = api(barber.user).get(MINE, fields)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_somebody_who_is_no_barber_has_no_options_of_his_own(api):
    answer = api(factories.create_user(Role.CLIENT)).get(MINE)

    assert answer.status_code == 404


@pytest.mark.parametrize("number", [0, 10**9, 10**30])
def test_a_barber_who_does_not_exist(barber, api, number):
    answer = api(barber.user).get(f"/api/v1/hybrid-payments/options/{number}")

    assert answer.status_code == 404
