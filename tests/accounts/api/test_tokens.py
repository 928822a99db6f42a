import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import time_machine
from django.conf import settings
from rest_framework.test import APIClient

from bookedbarber.accounts.models import User
from bookedbarber.accounts.roles import Role, get_permissions
from bookedbarber.accounts.tokens import issue_tokens
from tests import factories

pytestmark = pytest.mark.django_db

ME, REFRESH, REVOKE = (f"/api/v1/auth/{part}" for part in ("me", "token/refresh", "token/revoke"))


def get_me(client: APIClient, token: str) -> Any:
    return client.get(ME, HTTP_AUTHORIZATION=f"Bearer {token}")


def get_error(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def read(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, settings.SECRET_KEY, algorithms=["HS256"])
    return claims


def test_an_access_token_says_who_it_is_and_what_he_may(anybody: APIClient) -> None:
    user = factories.create_user(Role.SHOP_OWNER, email="ann@example.test")

    claims = read(issue_tokens(user).access)

    assert claims["sub"] == user.public_id
    assert (claims["email"], claims["role"]) == ("ann@example.test", "shop_owner")
    assert claims["permissions"] == get_permissions(Role.SHOP_OWNER)
    assert claims["scopes"] == []
    assert claims["exp"] - claims["iat"] == 900


def test_an_access_token_opens_the_api(anybody: APIClient) -> None:
    user = factories.create_user()

    answer = get_me(anybody, issue_tokens(user).access)

    assert answer.status_code == 200
    assert answer.json()["id"] == user.public_id


def forge(user: User, key: str = settings.SECRET_KEY, **claims: Any) -> str:
    return jwt.encode({**read(issue_tokens(user).access), **claims}, key, algorithm="HS256")


def sign_with_nothing(user: User) -> str:
    parts = [{"alg": "none", "typ": "JWT"}, read(issue_tokens(user).access)]
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts]
    return f"{texts[0].decode()}.{texts[1].decode()}."


def swap_the_person(user: User) -> str:
    header, _, signature = issue_tokens(user).access.split(".")
    other = {**read(issue_tokens(user).access), "sub": factories.create_user(Role.ADMIN).public_id}
    body = base64.urlsafe_b64encode(json.dumps(other).encode()).rstrip(b"=").decode()
    return f"{header}.{body}.{signature}"


FORGERIES = {
    "signed with another key": lambda user: forge(user, "another-key-that-is-long-enough-for-it"),
    "signed with nothing": sign_with_nothing,
    "another person under an old signature": swap_the_person,
    "signature cut off": lambda user: issue_tokens(user).access.rpartition(".")[0] + ".",
    "expired": lambda user: forge(user, exp=datetime.now(UTC) - timedelta(seconds=1)),
    "of nobody": lambda user: forge(user, sub="usr_nobody"),
    "without a person": lambda user: forge(user, sub=None),
    "for refreshing": lambda user: issue_tokens(user).refresh,
    "of another kind": lambda user: forge(user, token_type="sliding"),
    "under another password": lambda user: forge(user, hash_password="0" * 32),
    "not a token": lambda _: "not-a-token",
    "garbage": lambda _: "a.b.c",
    "very long": lambda _: "a" * 20_000,
}


@pytest.mark.parametrize("name", FORGERIES)
def test_what_is_no_valid_access_token_is_refused(anybody: APIClient, name: str) -> None:
    answer = get_me(anybody, FORGERIES[name](factories.create_user()))

    assert get_error(answer) == (401, "INVALID_TOKEN")
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer a b", "Basic YTpi", "Token abc"])
def test_without_a_token_the_api_is_closed(anybody: APIClient, header: str | None) -> None:
    answer = anybody.get(ME, headers={} if header is None else {"Authorization": header})

    assert get_error(answer) == (401, "INVALID_TOKEN")


def test_an_access_token_ends_by_itself(anybody: APIClient) -> None:
    token = issue_tokens(factories.create_user()).access
    now = datetime.now(UTC)

    with time_machine.travel(now + timedelta(seconds=890), tick=False):
        assert get_me(anybody, token).status_code == 200
    with time_machine.travel(now + timedelta(seconds=910), tick=False):
        assert get_error(get_me(anybody, token)) == (401, "INVALID_TOKEN")


def test_a_deactivated_persons_tokens_are_void(anybody: APIClient) -> None:
    user = factories.create_user()
    tokens = issue_tokens(user)
    User.objects.filter(pk=user.pk).update(is_active=False)

    assert get_error(get_me(anybody, tokens.access)) == (401, "INVALID_TOKEN")
    answer = anybody.post(REFRESH, {"refresh": tokens.refresh})
    assert get_error(answer) == (401, "INVALID_TOKEN")


def test_after_a_change_of_password_the_old_tokens_are_void(anybody: APIClient) -> None:
    user = factories.create_user()
    tokens = issue_tokens(user)
    user.set_password("another password")
    user.save()

    assert get_error(get_me(anybody, tokens.access)) == (401, "INVALID_TOKEN")
    answer = anybody.post(REFRESH, {"refresh": tokens.refresh})
    assert get_error(answer) == (401, "INVALID_TOKEN")
    assert get_me(anybody, issue_tokens(user).access).status_code == 200


def test_a_change_of_role_counts_at_once(anybody: APIClient) -> None:
    user = factories.create_user(Role.BARBER)
    token = issue_tokens(user).access
    User.objects.filter(pk=user.pk).update(role=Role.CLIENT)

    assert get_me(anybody, token).json()["permissions"] == get_permissions(Role.CLIENT)


def test_a_refresh_token_is_exchanged_once(anybody: APIClient) -> None:
    user = factories.create_user()
    first = issue_tokens(user).refresh

    answer = anybody.post(REFRESH, {"refresh": first})

    assert answer.status_code == 200
    assert set(answer.json()) == {"access", "refresh", "token_type", "expires_in", "scopes"}
    assert get_me(anybody, answer.json()["access"]).status_code == 200
    again = anybody.post(REFRESH, {"refresh": first})
    assert get_error(again) == (401, "INVALID_TOKEN")
    assert anybody.post(REFRESH, {"refresh": answer.json()["refresh"]}).status_code == 200


def test_a_revoked_refresh_token_is_void(anybody: APIClient) -> None:
    refresh = issue_tokens(factories.create_user()).refresh

    answer = anybody.post(REVOKE, {"refresh": refresh})

    assert (answer.status_code, answer.content) == (204, b"")
    assert get_error(anybody.post(REFRESH, {"refresh": refresh})) == (401, "INVALID_TOKEN")
    assert get_error(anybody.post(REVOKE, {"refresh": refresh})) == (401, "INVALID_TOKEN")


@pytest.mark.parametrize("url", [REFRESH, REVOKE])
def test_only_a_refresh_token_can_be_refreshed_or_revoked(anybody: APIClient, url: str) -> None:
    user = factories.create_user()

    for token in (issue_tokens(user).access, "garbage", sign_with_nothing(user)):
        assert get_error(anybody.post(url, {"refresh": token})) == (401, "INVALID_TOKEN")


def test_a_refresh_token_ends_by_itself(anybody: APIClient) -> None:
    refresh = issue_tokens(factories.create_user()).refresh

    with time_machine.travel(datetime.now(UTC) + timedelta(days=7, seconds=1), tick=False):
        answer = anybody.post(REFRESH, {"refresh": refresh})

    assert get_error(answer) == (401, "INVALID_TOKEN")


@pytest.mark.parametrize("url", [REFRESH, REVOKE])
@pytest.mark.parametrize("body", [{}, {"refresh": ""}, {"refresh": 1, "x": 2}, {"refresh": None}])
def test_what_is_missing_is_named(anybody: APIClient, url: str, body: dict[str, Any]) -> None:
    assert get_error(anybody.post(url, body)) == (400, "VALIDATION_ERROR")
