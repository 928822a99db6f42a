import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from bookedbarber.accounts.models import User
from bookedbarber.accounts.tokens import issue_tokens


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
