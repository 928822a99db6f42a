import pytest
from rest_framework.test import APIClient


@pytest.fixture
def anybody(settings) -> APIClient:
    """An API client without a login; the failing routes are there."""
    settings.ROOT_URLCONF = "tests.foundation.api.views"
    return APIClient(raise_request_exception=False)
