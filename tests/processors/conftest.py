"""Fixtures for processors: a server that can be told to misbehave."""

import socket
from collections.abc import Iterator

import pytest

from tests.processors.raw_server import RawServer


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
