from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from bookedbarber.accounts.roles import Role
from bookedbarber.bookings.models import Appointment
from tests import factories

pytestmark = pytest.mark.django_db

URL = "/api/v1/appointments"
NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


def make_body(client_id: Any, **fields: Any) -> dict[str, Any]:
    return {
        "client_id": client_id,
        "service_name": "Haircut",
        "price": "75.00",
        "currency": "USD",
        "starts_at": "2026-12-01T12:00:00Z",
    } | fields


def get_error(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_a_barber_books_a_visit(api) -> None:
    client = factories.create_client()

    answer = api(client.barber.user).post(URL, make_body(client.pk))

    appointment = Appointment.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "id": appointment.pk,
        "barber_id": client.barber.pk,
        "client_id": client.pk,
        "service_name": "Haircut",
        "price": "75.00",
        "currency": "USD",
        "starts_at": "2026-12-01T12:00:00Z",
        "status": "booked",
    }


def test_moments_of_other_zones_come_back_in_utc(api) -> None:
    client = factories.create_client()

    answer = api(client.barber.user).post(
        URL, make_body(client.pk, starts_at="2026-12-01T07:00:00-05:00")
    )

    assert answer.json()["starts_at"] == "2026-12-01T12:00:00Z"


def test_a_price_may_be_an_exact_number(api) -> None:
    client = factories.create_client()
    body = (
        b'{"client_id": %d, "service_name": "Haircut", "price": 75.10, "currency": "USD", \
        "starts_at": "2026-12-01T12:00:00Z"}'
        % client.pk
    )

    answer = api(client.barber.user).generic("POST", URL, body, content_type="application/json")

    assert answer.json()["price"] == "75.10"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price", "0"), ("price", "-5"), ("price", "75.005"), ("price", "abc"), ("price", "NaN"),
        ("price", "1e15"), ("price", None), ("price", True), ("price", []),
        ("currency", "XXX"), ("currency", "EUR"), ("currency", "usd"), ("currency", None),
        ("client_id", 0), ("client_id", -1), ("client_id", "x"), ("client_id", None),
        ("client_id", 1.5), ("client_id", [1]), ("client_id", "9" * 2000),
        ("service_name", ""), ("service_name", "x" * 101), ("service_name", None),
        ("starts_at", "tomorrow"), ("starts_at", "2026-13-01T12:00:00Z"), ("starts_at", None),
        ("starts_at", "0001-01-01T00:00:00+14:00"), ("color", "red"), ("status", "completed"),
        ("barber_id", 1),
    ],
)  # fmt: skip
def test_bad_input_is_refused_by_name_and_nothing_is_written(
    api, field: str, value: object
) -> None:
    client = factories.create_client()

    answer = api(client.barber.user).post(URL, make_body(client.pk) | {field: value})

    assert get_error(answer) == (400, "VALIDATION_ERROR")
    assert field in str(answer.json()["error"])
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("name", ["client_id", "service_name", "price", "currency", "starts_at"])
def test_a_missing_field_is_named(api, name: str) -> None:
    client = factories.create_client()
    body = make_body(client.pk)
    del body[name]

    answer = api(client.barber.user).post(URL, body)

    assert get_error(answer) == (400, "VALIDATION_ERROR")
    assert answer.json()["error"]["message"] == f"{name}: This field is required."


@pytest.mark.parametrize("client_id", [999_999_999, 10**30])
def test_an_unknown_client_is_not_found(api, client_id: int) -> None:
    answer = api(factories.create_barber().user).post(URL, make_body(client_id))

    assert get_error(answer) == (404, "NOT_FOUND")


def test_somebody_elses_client_is_not_found(api) -> None:
    client = factories.create_client()

    answer = api(factories.create_barber().user).post(URL, make_body(client.pk))

    assert get_error(answer) == (404, "NOT_FOUND")
    assert not Appointment.objects.exists()


def test_a_client_sees_his_own_and_changes_nothing(api) -> None:
    user = factories.create_user(Role.CLIENT)
    profile = factories.create_client(user=user)
    mine = factories.create_appointment(client=profile)
    factories.create_appointment(profile.barber)

    listed = api(user).get(URL).json()["data"]
    refused = [
        api(user).post(URL, make_body(profile.pk)),
        api(user).patch(f"{URL}/{mine.pk}", {"status": "canceled"}),
    ]

    assert [row["id"] for row in listed] == [mine.pk]
    assert [get_error(answer) for answer in refused] == [(403, "INSUFFICIENT_PERMISSIONS")] * 2
    assert refused[0].json()["error"]["message"] == "Clients may only read this"


def test_two_barbers_see_nothing_of_each_other(api) -> None:
    ann, bob = (factories.create_appointment() for _ in range(2))
    client: APIClient = api(ann.barber.user)

    assert [row["id"] for row in client.get(URL).json()["data"]] == [ann.pk]
    assert client.get(f"{URL}/{ann.pk}").status_code == 200
    for answer in (
        client.get(f"{URL}/{bob.pk}"),
        client.patch(f"{URL}/{bob.pk}", {"status": "canceled"}),
        client.get(f"{URL}/{10**30}"),
        client.get(f"{URL}/0"),
    ):
        assert get_error(answer) == (404, "NOT_FOUND")
    bob.refresh_from_db()
    assert bob.status == "booked"


@pytest.mark.parametrize("bad_id", ["x", "-1", "1.5", "9" * 5000, "1/", "١"])
def test_a_bad_id_is_not_found(api, bad_id: str) -> None:
    answer = api(factories.create_barber().user).get(f"{URL}/{bad_id}")

    assert get_error(answer) == (404, "NOT_FOUND")


@pytest.mark.parametrize("method", ["get", "post"])
def test_without_a_token_there_is_nothing(anybody: APIClient, method: str) -> None:
    assert get_error(getattr(anybody, method)(URL)) == (401, "INVALID_TOKEN")


def test_the_list_is_filtered_by_time_and_status(api) -> None:
    barber = factories.create_barber()
    client = factories.create_client(barber)
    rows = [
        factories.create_appointment(client=client, starts_at=NOON + timedelta(hours=hours))
        for hours in range(3)
    ]
    canceled = factories.create_appointment(client=client, starts_at=NOON, status="canceled")

    def list_ids(**filters: str) -> list[int]:
        return [row["id"] for row in api(barber.user).get(URL, filters).json()["data"]]

    assert list_ids() == [canceled.pk, *(row.pk for row in rows[::-1])]
    assert list_ids(status="canceled") == [canceled.pk]
    assert list_ids(since="2026-12-01T13:00:00Z") == [rows[2].pk, rows[1].pk]
    # Half-open: the end is not in it.
    assert list_ids(until="2026-12-01T13:00:00Z") == [canceled.pk, rows[0].pk]
    assert list_ids(since="2026-12-01T12:00:00Z", until="2026-12-01T12:00:00Z") == []
    assert list_ids(limit="1", offset="1") == [rows[2].pk]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "lost"), ("since", "yesterday"), ("until", ""), ("limit", "0"),
        ("offset", "-1"), ("cursor", "x"), ("barber", "1"), ("status", "\x00"),
    ],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_is_refused_by_name(api, name: str, value: str) -> None:
    answer = api(factories.create_barber().user).get(URL, {name: value})

    assert get_error(answer) == (400, "VALIDATION_ERROR")
    assert answer.json()["error"]["message"].startswith(f"{name}: ")


def test_a_list_takes_two_statements_however_long(api, django_assert_num_queries) -> None:
    barber = factories.create_barber()
    for _ in range(5):
        factories.create_appointment(barber)
    client = api(barber.user)

    with django_assert_num_queries(2):
        client.get(URL)


def test_a_visit_is_changed(api) -> None:
    appointment = factories.create_appointment()

    answer = api(appointment.barber.user).patch(
        f"{URL}/{appointment.pk}",
        {"status": "completed", "service_name": "Shave", "starts_at": "2026-12-02T12:00:00Z"},
    )

    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["service_name"]) == ("completed", "Shave")
    appointment.refresh_from_db()
    assert appointment.starts_at == NOON + timedelta(days=1)
    assert appointment.price.major == Decimal("75.00")


def test_a_visit_that_is_over_does_not_change(api) -> None:
    appointment = factories.create_appointment(status="completed")

    answer = api(appointment.barber.user).patch(f"{URL}/{appointment.pk}", {"status": "canceled"})

    assert get_error(answer) == (409, "CONFLICT")
    assert answer.json()["error"]["details"] == {"status": "completed"}


@pytest.mark.parametrize("body", [{"price": "1.00"}, {"client_id": 1}, {"status": "lost"}])
def test_price_and_client_stay_as_agreed(api, body: dict[str, Any]) -> None:
    appointment = factories.create_appointment()

    answer = api(appointment.barber.user).patch(f"{URL}/{appointment.pk}", body)

    assert get_error(answer) == (400, "VALIDATION_ERROR")
