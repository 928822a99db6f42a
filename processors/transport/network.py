"""Sockets for httpcore on which every single wait is capped by the request's deadline.

httpcore's own backend renews its time-out with each byte and each address tried, so a server that
sends one byte a second, or a name with many dead addresses, could hold us for ever.
"""

import ipaddress
import select
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any

import httpcore

from processors.transport.deadlines import cap, get_exchange

Address = tuple[int, int, int, str, Any]


class DeadlineStream(httpcore.NetworkStream):
    """A connected socket, plain or TLS."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with _failures_as(httpcore.ReadTimeout, httpcore.ReadError):
            _allow(self._socket, timeout)
            return self._socket.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        rest = memoryview(buffer)
        with _failures_as(httpcore.WriteTimeout, httpcore.WriteError):
            while rest:
                _allow(self._socket, timeout)
                _note_sending()
                rest = rest[self._socket.send(rest) :]

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        with _failures_as(httpcore.ConnectTimeout, httpcore.ConnectError):
            try:
                _allow(self._socket, timeout)
                wrapped = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
            except BaseException:
                self.close()
                raise
        return DeadlineStream(wrapped)

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return _is_readable(self._socket)
        if info == "ssl_object" and isinstance(self._socket, ssl.SSLSocket):
            return self._socket
        return None


class DeadlineBackend(httpcore.NetworkBackend):
    """Opens connections: name look-up and all addresses together within one limit."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        end = None if timeout is None else time.monotonic() + timeout
        with _failures_as(httpcore.ConnectTimeout, httpcore.ConnectError):
            addresses = look_up(host, port, _seconds_until(end))
            return DeadlineStream(_connect_to_first(addresses, end))


def _connect_to_first(addresses: list[Address], end: float | None) -> socket.socket:
    failure: OSError = OSError("the name has no address")
    for family, kind, protocol, _, address in addresses:
        sock = socket.socket(family, kind, protocol)
        try:
            _allow(sock, _seconds_until(end))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock
    raise failure


def look_up(host: str, port: int, timeout: float | None) -> list[Address]:
    """Resolve in a thread of its own: the C library's look-up cannot be given a limit.

    :raises OSError: the name is not known, or it took longer than `timeout` seconds.
    """
    if _is_ip(host):
        return _resolve(host, port)
    found: SimpleQueue[list[Address] | OSError] = SimpleQueue()

    def resolve() -> None:
        try:
            found.put(_resolve(host, port))
        except (OSError, UnicodeError) as error:
            found.put(OSError(type(error).__name__))

    threading.Thread(target=resolve, name="processor-dns", daemon=True).start()
    seconds = cap(timeout)
    try:
        answer = found.get(timeout=None if seconds is None else max(seconds, 0))
    except Empty:
        raise TimeoutError from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _resolve(host: str, port: int) -> list[Address]:
    return [*socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _seconds_until(end: float | None) -> float | None:
    return None if end is None else end - time.monotonic()


def _allow(sock: socket.socket, timeout: float | None) -> None:
    seconds = cap(timeout)
    if seconds is not None and seconds <= 0:
        raise TimeoutError
    sock.settimeout(seconds)


def _note_sending() -> None:
    # Before the send, not after: a failed send may still have left a part in the network.
    exchange = get_exchange()
    if exchange is not None:
        exchange.has_sent = True


def _is_readable(sock: socket.socket) -> bool:
    """Say whether an idle connection has something to read: for HTTP that is its end."""
    if sock.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(sock.fileno(), select.POLLIN)
    return bool(poll.poll(0))


@contextmanager
def _failures_as(timed_out: type[Exception], failed: type[Exception]) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise timed_out from error
    except OSError as error:
        raise failed(error.strerror or type(error).__name__) from error
