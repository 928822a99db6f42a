from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from bookedbarber.accounts.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db

TOKEN, PAGE = "/api/v1/auth/token", "/accounts/login/"
EMAIL = "ann@example.test"


def log_in(client: APIClient, password: str = factories.PASSWORD, email: str = EMAIL) -> Any:
    return client.post(TOKEN, {"email": email, "password": password})


def log_in_on_page(password: str = factories.PASSWORD, email: str = EMAIL) -> Any:
    return Client().post(PAGE, {"login": email, "password": password})


def get_error(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_a_person_gets_tokens_for_the_password(anybody: APIClient) -> None:
    factories.create_user(email=EMAIL)

    answer = log_in(anybody)

    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"access", "refresh", "token_type", "expires_in", "scopes"}
    assert (body["token_type"], body["expires_in"], body["scopes"]) == ("Bearer", 900, [])


def test_the_case_of_the_address_does_not_matter(anybody: APIClient) -> None:
    factories.create_user(email=EMAIL)

    assert log_in(anybody, email="Ann@Example.Test").status_code == 200


def test_a_wrong_password_and_an_unknown_person_look_the_same(anybody: APIClient) -> None:
    factories.create_user(email=EMAIL)

    wrong, unknown = log_in(anybody, "wrong"), log_in(anybody, email="bob@example.test")

    assert get_error(wrong) == get_error(unknown) == (401, "INVALID_TOKEN")
    assert wrong.json()["error"]["message"] == unknown.json()["error"]["message"]
    assert wrong["WWW-Authenticate"] == "Bearer"


def test_a_deactivated_person_cannot_log_in(anybody: APIClient) -> None:
    factories.create_user(email=EMAIL, is_active=False)

    assert get_error(log_in(anybody)) == (401, "INVALID_TOKEN")
    assert "_auth_user_id" not in log_in_on_page().client.session


def test_a_person_logs_in_on_the_page(anybody: APIClient) -> None:
    user = factories.create_user(email=EMAIL)

    answer = log_in_on_page()

    assert answer.status_code == 302
    assert answer.client.session["_auth_user_id"] == str(user.pk)


def test_after_five_failures_the_right_password_is_refused_too(anybody: APIClient) -> None:
    factories.create_user(email=EMAIL)
    for _ in range(5):
        assert log_in(anybody, "wrong").status_code == 401

    answer = log_in(anybody)

    assert get_error(answer) == (429, "RATE_LIMIT_EXCEEDED")
    assert answer["Retry-After"] == "300"


def test_failures_of_the_api_lock_the_page_too(anybody: APIClient) -> None:
    factories.create_user(email=EMAIL)
    for _ in range(5):
        log_in(anybody, "wrong")

    answer = log_in_on_page()

    assert "_auth_user_id" not in answer.client.session
    assert b"Too many failed login attempts" in answer.content


def test_failures_of_the_page_lock_the_api_too(anybody: APIClient) -> None:
    factories.create_user(email=EMAIL)
    for _ in range(5):
        log_in_on_page("wrong")

    assert log_in(anybody).status_code == 429


def test_the_lockout_is_the_persons_whatever_the_case_of_the_address(anybody: APIClient) -> None:
    factories.create_user(email=EMAIL)
    factories.create_user(email="bob@example.test")
    for _ in range(5):
        log_in(anybody, "wrong", "ANN@example.test")

    assert log_in(anybody).status_code == 429
    assert log_in(anybody, email="bob@example.test").status_code == 200


def test_logging_in_does_not_count_as_a_failure(anybody: APIClient) -> None:
    factories.create_user(email=EMAIL)

    assert {log_in(anybody).status_code for _ in range(8)} == {200}


def test_many_failures_from_one_address_lock_that_address(anybody: APIClient, settings) -> None:
    factories.create_user(email=EMAIL)
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/m/ip"}
    for number in range(3):
        log_in(anybody, "wrong", f"nobody{number}@example.test")

    assert log_in(anybody).status_code == 429
    other = anybody.post(
        TOKEN, {"email": EMAIL, "password": factories.PASSWORD}, REMOTE_ADDR="192.0.2.7"
    )
    assert other.status_code == 200


def test_without_redis_people_can_still_log_in(anybody: APIClient, settings) -> None:
    factories.create_user(email=EMAIL)
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    }

    assert log_in(anybody).status_code == 200
    assert log_in_on_page().status_code == 302


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "email"),
        ({"email": EMAIL}, "password"),
        ({"email": "nobody", "password": "x"}, "email"),
        ({"email": EMAIL, "password": "x" * 129}, "password"),
        ({"email": EMAIL, "password": ""}, "password"),
        ({"email": EMAIL, "password": ["x"]}, "password"),
        ({"email": EMAIL, "password": "x", "otp": "1"}, "otp"),
    ],
)
def test_what_is_missing_or_wrong_is_named(
    anybody: APIClient, body: dict[str, Any], field: str
) -> None:
    answer = anybody.post(TOKEN, body)

    assert get_error(answer) == (400, "VALIDATION_ERROR")
    assert answer.json()["error"]["message"].startswith(f"{field}: ")


def test_a_password_may_begin_and_end_with_blanks(anybody: APIClient) -> None:
    factories.create_user(email=EMAIL, password="  spaced out  ")

    assert log_in(anybody, "  spaced out  ").status_code == 200
    assert log_in(anybody, "spaced out").status_code == 401


@pytest.mark.parametrize("is_staff", [True, False])
def test_the_admin_is_entered_through_the_same_login(*, is_staff: bool) -> None:
    user = factories.create_user(Role.ADMIN, is_staff=is_staff)

    answer = Client().get("/admin/login/?next=/admin/")

    assert user.is_staff == is_staff
    assert answer.status_code == 302
    assert answer["Location"].startswith(PAGE)


def test_nobody_signs_up_by_himself() -> None:
    answer = Client().post(
        "/accounts/signup/",
        {"email": "eve@example.test", "password1": "long enough 1", "password2": "long enough 1"},
    )

    assert "_auth_user_id" not in answer.client.session
