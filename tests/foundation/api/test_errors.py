import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import psycopg2
import pytest
from django.db import DatabaseError, connection
from rest_framework.test import APIClient

from bookedbarber.foundation.api.errors import handle_exception
from tests import factories

pytestmark = pytest.mark.django_db


def check_body(answer: Any) -> dict[str, Any]:
    """Every error has the same five members, and the id of the header."""
    assert answer["Content-Type"] == "application/json"
    assert set(answer.json()) == {"error"}
    error: dict[str, Any] = answer.json()["error"]
    assert set(error) == {"code", "message", "details", "timestamp", "request_id"}
    assert error["request_id"] == answer["X-Request-Id"] != "-"
    assert error["timestamp"].endswith("Z")
    age = datetime.now(UTC) - datetime.fromisoformat(error["timestamp"])
    assert abs(age.total_seconds()) < 60
    assert "internals" not in answer.content.decode()
    return error


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("invalid", 400, "VALIDATION_ERROR"),
        ("not-allowed", 403, "INSUFFICIENT_PERMISSIONS"),
        ("missing", 404, "NOT_FOUND"),
        ("conflict", 409, "CONFLICT"),
        ("declined", 402, "PAYMENT_DECLINED"),
        ("unprocessable", 422, "CONFLICT"),
        ("refused", 424, "EXTERNAL_API_ERROR"),
        ("outcome-unknown", 202, "OUTCOME_UNKNOWN"),
        ("unavailable", 503, "SERVICE_UNAVAILABLE"),
        ("processor-away", 424, "EXTERNAL_PROCESSOR_UNAVAILABLE"),
        ("key-expired", 401, "API_KEY_EXPIRED"),
        ("http404", 404, "NOT_FOUND"),
        ("denied", 403, "INSUFFICIENT_PERMISSIONS"),
        ("bug", 500, "INTERNAL_ERROR"),
        ("constraint", 409, "CONFLICT"),
        ("append-only", 409, "CONFLICT"),
        ("too-long", 400, "VALIDATION_ERROR"),
        ("missing-table", 500, "INTERNAL_ERROR"),
    ],
)
def test_every_failure_has_its_status_and_code(
    anybody: APIClient, how: str, status: int, code: str
) -> None:
    answer = anybody.get(f"/api/v1/fail/{how}")

    assert (answer.status_code, check_body(answer)["code"]) == (status, code)
    assert answer.has_header("Retry-After") == (status == 503)
    assert answer.has_header("WWW-Authenticate") == (status == 401)


def test_what_the_caller_can_act_on_stands_in_message_and_details(anybody: APIClient) -> None:
    error = check_body(anybody.get("/api/v1/fail/invalid"))

    assert error["message"] == "The amount is too large"
    assert error["details"] == {"limit": "2000.00"}


def test_without_a_message_of_its_own_an_error_says_what_it_is(anybody: APIClient) -> None:
    assert check_body(anybody.get("/api/v1/fail/refused"))["message"] == (
        "The payment processor refused the request"
    )


def test_a_bug_is_logged_with_its_traceback_under_the_request_id(
    anybody: APIClient, caplog
) -> None:
    anybody.get("/api/v1/fail/bug")

    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    "path", ["/api/v1/nowhere", "/api/v1/", "/api/v2/payments", "/api/v1/auth/token/"]
)
def test_an_unknown_address_of_the_api_is_answered_in_json(anybody: APIClient, path: str) -> None:
    answer = anybody.get(path)

    assert answer.status_code == 404
    assert check_body(answer)["code"] == "NOT_FOUND"


def test_an_unknown_page_is_a_page(anybody: APIClient) -> None:
    answer = anybody.get("/nowhere")

    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


def test_a_foreign_host_is_refused_in_json(anybody: APIClient) -> None:
    answer = anybody.get("/api/v1/nowhere", headers={"Host": "evil.example.com"})

    assert answer.status_code == 400
    assert check_body(answer)["code"] == "VALIDATION_ERROR"
    assert anybody.get("/", headers={"Host": "evil.example.com"})["Content-Type"].startswith(
        "text/html"
    )


def test_a_method_that_does_not_exist_is_refused_with_those_that_do(anybody: APIClient) -> None:
    answer = anybody.delete("/api/v1/echo")

    assert answer.status_code == 405
    assert check_body(answer)["code"] == "VALIDATION_ERROR"
    assert "POST" in answer["Allow"]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x"]
)
def test_only_json_is_taken(anybody: APIClient, content_type: str) -> None:
    answer = anybody.generic("POST", "/api/v1/echo", "amount=1", content_type=content_type)

    assert answer.status_code == 415
    assert check_body(answer)["code"] == "VALIDATION_ERROR"


def test_an_unacceptable_answer_format_is_refused_in_json(anybody: APIClient) -> None:
    answer = anybody.get("/api/v1/fail/bug", headers={"Accept": "application/xml"})

    assert answer.status_code == 406
    check_body(answer)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_gone_is_503_and_back_at_the_next_request(settings) -> None:
    settings.ROOT_URLCONF = "bookedbarber.urls"
    client = APIClient(raise_request_exception=False)
    user = factories.create_user(email="ann@example.test")
    client.post(
        "/api/v1/auth/token", {"email": user.email, "password": factories.PASSWORD}, format="json"
    )
    credentials = {"email": user.email, "password": factories.PASSWORD}
    end_connection()

    answer = client.post("/api/v1/auth/token", credentials, format="json")

    assert answer.status_code == 503
    assert re.fullmatch(r"\d+", answer["Retry-After"])
    assert check_body(answer)["code"] == "SERVICE_UNAVAILABLE"
    connection.close()
    assert client.post("/api/v1/auth/token", credentials, format="json").status_code == 200


def test_a_connection_that_is_cut_within_an_answer_is_503() -> None:
    error = DatabaseError("server closed the connection unexpectedly")
    error.__cause__ = psycopg2.DatabaseError("server closed the connection unexpectedly")

    answer = handle_exception(error, {})

    assert answer is not None
    assert answer.status_code == 503


def test_any_other_database_error_stays_a_bug() -> None:
    assert (
        handle_exception(DatabaseError("Save with update_fields did not affect any rows"), {})
        is None
    )


def end_connection() -> None:
    """The server ends this thread's connection, as a restart would."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        number = cursor.fetchone()[0]

    def terminate() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [number])
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(terminate).result()
