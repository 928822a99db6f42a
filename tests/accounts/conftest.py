from collections.abc import Iterator

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from bookedbarber.accounts.models import User
from bookedbarber.accounts.tokens import issue_tokens
from tests import factories


@pytest.fixture(autouse=True)
def _no_failed_logins() -> None:
    cache.clear()


@pytest.fixture
def anybody() -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.default_format = "json"
    return client


@pytest.fixture
def api():
    """An API client of a person, logged in by token: api(user).get(…)."""

    def log_in(user: User) -> APIClient:
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_tokens(user).access}")
        client.default_format = "json"
        return client

    return log_in


@pytest.fixture(autouse=True)
def _quick_passwords(settings) -> Iterator[None]:
    """The real ones take a third of a second each, on purpose; here many are tried."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    factories._hash.cache_clear()
    yield
    factories._hash.cache_clear()
