"""Fixtures for every test. PostgreSQL and Redis come from tests/services.py."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from rest_framework.test import APIClient

from bookedbarber.accounts.models import Barber, User
from bookedbarber.accounts.tokens import issue_tokens
from bookedbarber.foundation import jobs
from bookedbarber.foundation.api.throttles import blocks
from payments.operations import connections
from payments.queries.routing import forget_kept_facts
from processors.models import Connection
from processors.queries.webhook_doors import forget_kept_doors
from tests import factories

if TYPE_CHECKING:
    from tests.simulation import Simulator

pytest_plugins = ["tests.flushing", "tests.simulation", "tests.oauth"]

# A slow machine is no counterexample. The same examples each time, so that a red test is about the
# change that is tested; `pytest --hypothesis-profile=explore` looks for new ones.
hypothesis_settings.register_profile(
    "explore", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.register_profile(
    "tests", hypothesis_settings.get_profile("explore"), derandomize=True, database=None
)
hypothesis_settings.load_profile("tests")

CURRENCIES = ["USD", "AUD", "GBP", "CAD", "NZD"]


@pytest.fixture(scope="session", autouse=True)
def _patience_with_the_broker() -> None:
    """A message that Redis does not take at once is lost, and a test may wait for it."""
    jobs._IMPATIENT.update(socket_connect_timeout=60, socket_timeout=60)


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Ids begin again in every test database, so what is cached of them must not survive."""
    cache.clear()
    forget_kept_facts()
    forget_kept_doors()
    blocks.forget()


@pytest.fixture
def platform(transactional_db: None, simulator: Simulator, settings) -> Connection:
    """The platform's Stripe account, connected to the simulator."""
    factories.create_fee_schedules()
    account = simulator.create_account("stripe", currencies=CURRENCIES)
    settings.STRIPE_SECRET_KEY = account.secret
    settings.STRIPE_ACCOUNT_ID = account.account_id
    then = timezone.now() - timedelta(days=200)
    return connections.connect_platform(by="job:test", now=then)


@pytest.fixture
def connect(platform: Connection, simulator: Simulator):
    """Connects a barber's own simulated account: connect(barber, "square", currencies=[…])."""

    def connect_account(barber: Barber, processor: str = "square", **account_settings):
        account_settings.setdefault("currencies", CURRENCIES if processor == "stripe" else ["USD"])
        account = simulator.create_account(processor, **account_settings)
        return connections.connect_account(
            barber=barber,
            processor=processor,
            credentials=account.credentials,
            by=barber.user.public_id,
            now=timezone.now() - timedelta(days=100),
        )

    return connect_account


@pytest.fixture
def api():
    """An API client of a person, logged in by token: api(user).post(…)."""

    def log_in(user: User) -> APIClient:
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_tokens(user).access}")
        client.default_format = "json"
        return client

    return log_in
