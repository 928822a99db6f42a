"""The one HTTP client through which every adapter speaks."""

import atexit
import os
import ssl
import threading
from typing import Any

import certifi
import httpcore
import httpx
from django.conf import settings
from django.db import connections

from processors.errors import AnswerLost, ProcessorNotReached
from processors.transport.deadlines import Exchange, start_exchange
from processors.transport.network import DeadlineBackend

LARGEST_ANSWER_BYTES = 10 * 1024 * 1024
MOST_CONNECTIONS = 100

_ON_THE_WAY = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
)


class CalledInsideTransaction(RuntimeError):
    """A processor was called inside a database transaction: a bug, never an outcome.

    The row that says what we are about to do must be committed first, or a crash forgets it.
    """


class UnusableAnswer(Exception):
    """The answer is too large or in an encoding nobody asked for."""


class ProcessorTransport(httpx.BaseTransport):
    """Sends one request, reads the whole answer, and says which side of the wire a failure was.

    Holds no connection itself, so clients built on it survive a fork.
    """

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """
        :raises CalledInsideTransaction: a database transaction is open; nothing was sent.
        :raises ProcessorNotReached: not one byte of the request left us.
        :raises AnswerLost: anything else went wrong before the whole answer was here.
        """
        refuse_open_transaction()
        with start_exchange(settings.PROCESSOR_TIMEOUT_SECONDS) as exchange:
            try:
                return _exchange(request, exchange)
            except (*_ON_THE_WAY, UnusableAnswer) as error:
                failure = _name(error, exchange)
        # Outside of the handler: the text of a protocol error can quote a header with our secret,
        # and must not travel along as the context of ours.
        raise failure


def refuse_open_transaction() -> None:
    """
    :raises CalledInsideTransaction: a transaction is open on any database.
    """
    for connection in connections.all(initialized_only=True):
        # The transaction around a test case is not the code's own; Django's `durable` agrees.
        blocks = [b for b in connection.atomic_blocks if not getattr(b, "_from_testcase", False)]
        if blocks:
            raise CalledInsideTransaction("Commit first, then call the processor.")


def _exchange(request: httpx.Request, exchange: Exchange) -> httpx.Response:
    answer = _get_current_pool().handle_request(_to_core_request(request, exchange))
    try:
        body = _read_body(answer)
    finally:
        answer.close()
    # Cookies would be kept in the client and carried from one account to the next.
    headers = [(name, value) for name, value in answer.headers if name.lower() != b"set-cookie"]
    return httpx.Response(answer.status, headers=headers, content=body)


def _to_core_request(request: httpx.Request, exchange: Exchange) -> httpcore.Request:
    left = exchange.get_seconds_left()
    connect = min(settings.PROCESSOR_CONNECT_TIMEOUT_SECONDS, left)
    return httpcore.Request(
        method=request.method,
        url=httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        ),
        headers=request.headers.raw,
        content=request.read(),
        # What the SDK asked for is not consulted.
        extensions={"timeout": {"connect": connect, "pool": connect, "read": left, "write": left}},
    )


def _read_body(answer: httpcore.Response) -> bytes:
    encodings = [value for name, value in answer.headers if name.lower() == b"content-encoding"]
    if any(value.strip().lower() not in {b"", b"identity"} for value in encodings):
        raise UnusableAnswer("compressed")
    body = bytearray()
    for part in answer.iter_stream():
        body += part
        if len(body) > LARGEST_ANSWER_BYTES:
            raise UnusableAnswer("too large")
    return bytes(body)


def _name(error: Exception, exchange: Exchange) -> AnswerLost | ProcessorNotReached:
    cause = str(error) if isinstance(error, UnusableAnswer) else type(error).__name__
    if exchange.has_sent:
        return AnswerLost(cause=cause)
    return ProcessorNotReached(cause=cause)


def build_tls_context(*, verify_tls: bool, ca_bundle: str) -> ssl.SSLContext:
    """The terms on which we speak TLS; `ca_bundle` "" is that of certifi."""
    context = ssl.create_default_context(cafile=ca_bundle or certifi.where())
    if not verify_tls:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


# Threads that ask for the first time together must not build, and lose, a pool each.
_building = threading.Lock()
_pools: dict[tuple[bool, str, float], httpcore.ConnectionPool] = {}


def _get_current_pool() -> httpcore.ConnectionPool:
    terms = (
        settings.PROCESSOR_VERIFY_TLS,
        str(settings.PROCESSOR_CA_BUNDLE),
        settings.PROCESSOR_KEEPALIVE_SECONDS,
    )
    with _building:
        if terms not in _pools:
            _pools[terms] = _build_pool(*terms)
        return _pools[terms]


def _build_pool(
    verify_tls: bool, ca_bundle: str, keepalive_seconds: float
) -> httpcore.ConnectionPool:
    context = build_tls_context(verify_tls=verify_tls, ca_bundle=ca_bundle)
    # A server may close an idle connection just as we write to it, and then nobody knows whether
    # it read the request. Connections are dropped well before servers do that, and a request on
    # one that was closed all the same is lost, not repeated.
    return httpcore.ConnectionPool(
        ssl_context=context,
        max_connections=MOST_CONNECTIONS,
        keepalive_expiry=keepalive_seconds,
        network_backend=DeadlineBackend(),
    )


def _start_afresh() -> None:
    """A child must not speak on its parent's sockets."""
    _building.release()
    _pools.clear()


@atexit.register
def _close_connections() -> None:
    for pool in _pools.values():
        pool.close()


os.register_at_fork(
    before=_building.acquire, after_in_parent=_building.release, after_in_child=_start_afresh
)


def _build_client() -> httpx.Client:
    options: dict[str, Any] = {"follow_redirects": False, "trust_env": False, "timeout": None}
    # Uncompressed, so that the limit on an answer's size is a limit on our memory.
    return httpx.Client(
        transport=ProcessorTransport(), headers={"Accept-Encoding": "identity"}, **options
    )


http_client = _build_client()
