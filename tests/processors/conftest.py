"""Fixtures for processors: a server that can be told to misbehave, and accounts there."""

import socket
from collections.abc import Iterator
from types import ModuleType

import pytest

from processors import registry
from processors.contract import AccountAccess, Charges
from tests.processors.contract_cases import samples_of
from tests.processors.raw_server import RawServer


@pytest.fixture(autouse=True)
def _short_waits(settings) -> None:
    settings.PROCESSOR_RETRY_SECONDS = 0.01


@pytest.fixture
def raw_server() -> Iterator[RawServer]:
    with RawServer() as server:
        yield server


@pytest.fixture
def closed_port_url() -> Iterator[str]:
    """An address at which nobody listens, kept free of others by being bound."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def samples(processor: str) -> ModuleType:
    return samples_of(processor)


@pytest.fixture
def access(processor: str, samples: ModuleType, raw_server, settings) -> AccountAccess:
    setattr(settings, samples.BASE_SETTING, raw_server.url)
    return AccountAccess(
        processor=processor,
        environment="sandbox",
        account_id="acct_1",
        credentials=samples.CREDENTIALS,
    )


@pytest.fixture
def charges(access: AccountAccess) -> Charges:
    return registry.get_adapter(access, Charges)
