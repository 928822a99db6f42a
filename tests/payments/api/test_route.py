"""POST /hybrid-payments/route: where a payment would go; nothing is written."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookedbarber.accounts.roles import Role
from payments.states import Mode
from tests import factories

pytestmark = pytest.mark.django_db

URL = "/api/v1/hybrid-payments/route"


@pytest.fixture
def barber(db):
    barber = factories.create_hybrid_barber(shop=factories.create_shop())
    factories.create_platform_connection()
    factories.create_connection(barber)
    return barber


@pytest.fixture
def square(barber):
    return barber.connections.get()


def refuse(answer, status: int, code: str) -> str:
    assert answer.status_code == status, answer.content
    error = answer.json()["error"]
    assert error["code"] == code
    assert error["request_id"] == answer["X-Request-Id"]
    return error["message"]


def test_the_answer_has_decision_account_reasons_and_fees(barber, square, api):
    answer = api(barber.user).post(URL, {"amount": "75.00"})

    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body.pop("explanation") == (
        f"The platform's account costs 2.48 USD, the barber's 2.05 USD: {square.name} (square)."
    )
    platform_id = body["candidates"][0]["connection_id"]
    assert body == {
        "routing_decision": "external",
        "recommended_processor": "square",
        "connection_id": square.pk,
        "reason": "lower_fees",
        "candidates": [
            {
                "connection_id": platform_id,
                "processor": "stripe",
                "usable": True,
                "reason": None,
            },
            {"connection_id": square.pk, "processor": "square", "usable": True, "reason": None},
        ],
        "routing_details": {
            "payment_mode": "hybrid",
            "commission_rate": "20.00",
            "fallback_available": True,
            "legs": [{"connection_id": square.pk, "amount": "75.00"}],
        },
        "estimated_fees": {
            "processing_fee": "2.05",
            "commission_fee": "15.00",
            "total_fees": "17.05",
            "net_amount": "57.95",
            "is_estimate": True,
        },
    }


@pytest.mark.parametrize(
    ("fields", "decision", "reason"),
    [
        ({"amount": "49.99"}, "centralized", "below_min_external_amount"),
        ({"amount": "100.01"}, "external", "above_max_platform_amount"),
        ({"amount": 100.01}, "external", "above_max_platform_amount"),
        ({"amount": 75, "client_preference": "platform"}, "centralized", "client_preference"),
        ({"amount": "75.00", "available": ["platform"]}, "centralized", "only_usable_account"),
        ({"amount": "100.01", "available": ["platform"]}, "fallback", "no_usable_connection"),
        ({"amount": "75.00", "available": ["platform", "square"]}, "external", "lower_fees"),
        ({"amount": "75.00", "currency": "GBP"}, "centralized", "only_usable_account"),
    ],
)
def test_what_decides(barber, api, fields, decision, reason):
    body = api(barber.user).post(URL, fields).json()

    assert (body["routing_decision"], body["reason"]) == (decision, reason)


def test_what_ruled_an_account_out_is_said(barber, square, api):
    body = api(barber.user).post(URL, {"amount": "75.00", "available": [square.pk]}).json()

    assert [(found["usable"], found["reason"]) for found in body["candidates"]] == [
        (False, "no_payment_token"),
        (True, None),
    ]
    assert "has no payment token from the payer" in body["explanation"]


def test_the_appointments_currency_is_the_default(barber, api):
    appointment = factories.create_appointment(barber, currency="GBP")

    body = api(barber.user).post(URL, {"appointment_id": appointment.pk, "amount": "75.00"}).json()

    assert body["routing_decision"] == "centralized"


# ── Statements ──


def ask_within(user, api, statements: int, **fields):
    client = api(user)
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(URL, {"amount": "75.00", **fields})
    assert answer.status_code == 200, answer.content
    sql = [query["sql"] for query in asked]
    assert len(sql) <= statements, sql
    return answer, sql


@pytest.mark.parametrize("who", ["barber", "owner", "client", "admin"])
def test_three_statements_are_enough_cold_and_warm(barber, api, who):
    payer = factories.create_user(Role.CLIENT)
    client = factories.create_client(barber, user=payer)
    appointment = factories.create_appointment(client=client)
    user = {
        "barber": barber.user,
        "owner": barber.shop.owner,
        "client": payer,
        "admin": factories.create_user(Role.ADMIN),
    }[who]

    cache.clear()
    cold, _ = ask_within(user, api, 3, appointment_id=appointment.pk)
    warm, _ = ask_within(user, api, 2, appointment_id=appointment.pk)

    assert cold.json() == warm.json()


def test_without_redis_it_works_in_three_statements_each_time(barber, api, settings):
    appointment = factories.create_appointment(barber)
    with_redis = api(barber.user).post(URL, {"appointment_id": appointment.pk, "amount": "75.00"})
    settings.CACHES = {
        "default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:9/0"}
    }

    for _ in range(2):
        answer, _ = ask_within(barber.user, api, 3, appointment_id=appointment.pk)
        assert answer.json() == with_redis.json()
    ask_within(barber.user, api, 3, barber_id=barber.pk, available=["platform", "square"])


def test_ten_equal_requests_give_ten_equal_answers_and_write_nothing(barber, api):
    answers, statements = set(), []
    for _ in range(10):
        answer, sql = ask_within(barber.user, api, 3)
        answers.add(answer.content)
        statements += sql

    assert len(answers) == 1
    assert not [sql for sql in statements if not sql.strip().startswith("SELECT")]


# ── Refusals ──


@pytest.mark.parametrize(
    ("fields", "code", "said"),
    [
        ({"amount": "0"}, "INVALID_PAYMENT_AMOUNT", "1.00 to 2000.00 USD"),
        ({"amount": "-5"}, "INVALID_PAYMENT_AMOUNT", "1.00 to 2000.00 USD"),
        ({"amount": -5}, "INVALID_PAYMENT_AMOUNT", "1.00 to 2000.00 USD"),
        ({"amount": "0.99"}, "INVALID_PAYMENT_AMOUNT", "1.00 to 2000.00 USD"),
        ({"amount": "75.005"}, "INVALID_PAYMENT_AMOUNT", "2 decimal places"),
        ({"amount": 75.005}, "INVALID_PAYMENT_AMOUNT", "2 decimal places"),
        ({"amount": "2000.01"}, "INVALID_PAYMENT_AMOUNT", "1.00 to 2000.00 USD"),
        (
            {"amount": "1000.01", "currency": "GBP"},
            "INVALID_PAYMENT_AMOUNT",
            "1.00 to 1000.00 GBP",
        ),
        ({"amount": 1000000000}, "INVALID_PAYMENT_AMOUNT", "1.00 to 2000.00 USD"),
        ({"amount": "1e9"}, "INVALID_PAYMENT_AMOUNT", "1.00 to 2000.00 USD"),
        ({"amount": "1e999"}, "INVALID_PAYMENT_AMOUNT", "amount"),
        ({"amount": "abc"}, "INVALID_PAYMENT_AMOUNT", "a number such as 75.00 is needed"),
        ({"amount": "NaN"}, "INVALID_PAYMENT_AMOUNT", "a number such as 75.00 is needed"),
        ({"amount": True}, "INVALID_PAYMENT_AMOUNT", "a number such as 75.00 is needed"),
        ({"amount": ["75.00"]}, "INVALID_PAYMENT_AMOUNT", "a number such as 75.00 is needed"),
        ({}, "VALIDATION_ERROR", "amount: This field is required"),
        ({"amount": None}, "VALIDATION_ERROR", "amount"),
        ({"amount": "75.00", "currency": "EUR"}, "UNSUPPORTED_CURRENCY", "USD, AUD, GBP"),
        ({"amount": "75.00", "currency": "XXX"}, "UNSUPPORTED_CURRENCY", "USD, AUD, GBP"),
        ({"amount": "75.00", "currency": "DOLLARS"}, "VALIDATION_ERROR", "currency: "),
        ({"amount": "75.00", "surprise": 1}, "VALIDATION_ERROR", "surprise: This field is not"),
        ({"amount": "75.00", "client_preference": "x"}, "VALIDATION_ERROR", "client_preference: "),
        ({"amount": "75.00", "barber_id": 0}, "VALIDATION_ERROR", "barber_id: "),
        ({"amount": "75.00", "available": "platform"}, "VALIDATION_ERROR", "available: "),
        ({"amount": "75.00", "available": [True]}, "VALIDATION_ERROR", "available: "),
        ({"amount": "75.00", "available": [99]}, "VALIDATION_ERROR", "available: '99' names no"),
    ],
)
def test_bad_input_names_the_field_and_the_limit(barber, api, fields, code, said):
    assert said in refuse(api(barber.user).post(URL, fields), 400, code)


@pytest.mark.parametrize("body", ['{"amount": NaN}', '{"amount": 75', "[]", '"75"', "\xff"])
def test_broken_json_is_said(barber, api, body):
    answer = api(barber.user).post(URL, body, content_type="application/json")

    refuse(answer, 400, "VALIDATION_ERROR")


def test_a_route_that_is_not_possible_names_the_barber_and_why(api):
    barber = factories.create_barber()
    factories.create_config(barber, mode=Mode.DECENTRALIZED, fallback_enabled=False)
    factories.create_platform_connection()
    square = factories.create_connection(barber, state="expired")

    message = refuse(api(barber.user).post(URL, {"amount": "75.00"}), 400, "PAYMENT_ROUTING_FAILED")

    assert message.startswith(f"Payment routing failed: barber {barber.pk} has no usable")
    assert f"connection {square.pk} ({square.name}) is not connected" in message


# ── Who may ask ──


def test_what_belongs_to_somebody_else_does_not_exist(barber, api):
    appointment = factories.create_appointment(barber)
    strangers = [
        factories.create_barber().user,
        factories.create_shop().owner,
        factories.create_user(Role.CLIENT),
    ]

    for user in strangers:
        for fields in ({"barber_id": barber.pk}, {"appointment_id": appointment.pk}):
            answer = api(user).post(URL, {"amount": "75.00", **fields})
            refuse(answer, 404, "NOT_FOUND")
            assert barber.name not in answer.content.decode()


def test_an_appointment_that_does_not_exist_is_not_found(barber, api):
    for unknown in (10**9, 2**63 - 1):
        answer = api(barber.user).post(URL, {"amount": "75.00", "appointment_id": unknown})
        refuse(answer, 404, "NOT_FOUND")


def test_an_owner_sees_the_own_shops_barbers(barber, api):
    answer = api(barber.shop.owner).post(URL, {"amount": "75.00", "barber_id": barber.pk})

    assert answer.status_code == 200


def test_somebody_who_is_no_barber_must_say_whom(api):
    answer = api(factories.create_user(Role.ADMIN)).post(URL, {"amount": "75.00"})

    assert "appointment_id or barber_id is needed" in refuse(answer, 400, "VALIDATION_ERROR")


def test_without_a_token_nobody_asks(client):
    answer = client.post(URL, {"amount": "75.00"}, content_type="application/json")

    refuse(answer, 401, "INVALID_TOKEN")


def test_how_many_requests_are_left_is_said(barber, api, settings):
    settings.THROTTLE_LIMITS = settings.THROTTLE_LIMITS | {"routing": 2}
    client = api(barber.user)

    answers = [client.post(URL, {"amount": "75.00"}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert {answer["X-RateLimit-Limit"] for answer in answers} == {"2"}
    assert 0 < int(answers[2]["Retry-After"]) <= 3600
    refuse(answers[2], 429, "RATE_LIMIT_EXCEEDED")


def test_a_thousand_requests_an_hour_is_the_default(settings):
    assert (settings.THROTTLE_LIMITS["routing"], settings.THROTTLE_LIMITS["connections"]) == (
        1000,
        50,
    )
