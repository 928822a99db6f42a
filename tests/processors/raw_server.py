"""A server that answers what a test tells it, byte for byte, on a real socket."""

import json
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

Answer = Callable[[socket.socket, threading.Event], None]


@dataclass(frozen=True)
class RawRequest:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class RawServer:
    """Reads requests and plays `answer` to each; `requests` and `connections` say what came.

    `closed` is released once for each connection that has ended on this side.
    """

    answer: Answer | None = None
    requests: list[RawRequest] = field(default_factory=list)
    connections: int = 0
    closed: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def __enter__(self) -> Self:
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._start(self._accept)
        return self

    def __exit__(self, *_failure: object) -> None:
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=30)

    @property
    def url(self) -> str:
        host, port = self._listener.getsockname()
        return f"http://{host}:{port}"

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(60)
        self._open.add(connection)
        # ValueError: what came is not HTTP, a TLS handshake for example.
        with suppress(OSError, ValueError), connection, connection.makefile("rb") as reader:
            while request := _read(reader):
                self.requests.append(request)
                if self.answer is not None:
                    self.answer(connection, self._over)
        self.closed.release()


def _read(reader: Any) -> RawRequest | None:
    first = reader.readline().decode("latin-1")
    if not first:
        return None
    method, path, _ = first.split(" ", 2)
    headers = {}
    while line := reader.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return RawRequest(method, path, headers, reader.read(int(headers.get("content-length", 0))))


def answers(body: object, status: int = 200, **headers: str) -> Answer:
    """Answer with JSON, or with the text or bytes given."""
    content = body if isinstance(body, bytes) else None
    if content is None:
        content = (body if isinstance(body, str) else json.dumps(body)).encode()
    return sends(_head(status, len(content), headers) + content)


def in_turn(*answers_: Answer) -> Answer:
    """Play one answer to each request, the last one for ever."""
    left = list(answers_)

    def play(connection: socket.socket, over: threading.Event) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(connection, over)

    return play


def sends(content: bytes) -> Answer:
    """Send exactly these bytes and keep the connection."""

    def play(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(content)

    return play


def hangs_up_after(content: bytes = b"") -> Answer:
    def play(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(content)
        connection.shutdown(socket.SHUT_RDWR)

    return play


def truncates(body: object) -> Answer:
    """Promise the whole JSON and hang up in its middle."""
    content = json.dumps(body).encode()
    return hangs_up_after(_head(200, len(content), {}) + content[: len(content) // 2])


def resets() -> Answer:
    def play(connection: socket.socket, over: threading.Event) -> None:
        # Linger of zero: the kernel sends RST instead of FIN.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise ConnectionResetError

    return play


def drips(body: object, *, every_seconds: float, **headers: str) -> Answer:
    """Send one byte at a time, so that no single wait is ever long."""
    content = json.dumps(body).encode()
    whole = _head(200, len(content), headers) + content

    def play(connection: socket.socket, over: threading.Event) -> None:
        for byte in whole:
            connection.sendall(bytes([byte]))
            if over.wait(every_seconds):
                return

    return play


def is_silent() -> Answer:
    def play(connection: socket.socket, over: threading.Event) -> None:
        over.wait(90)

    return play


def _head(status: int, length: int, headers: dict[str, str]) -> bytes:
    fields = {"Content-Type": "application/json", "Content-Length": str(length), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode()
