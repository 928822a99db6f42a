"""Requests over connections that stay open, sent by a process of its own as fast as answered."""

import itertools
import json
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bookedbarber.launch.ports import HOST
from tests.benchmarks.servers import Server

CONNECTIONS = 8
SECONDS = 2.0
TIMEOUT_SECONDS = 60


class RequestsRefused(RuntimeError):
    """The server did not answer everything with 2xx: its figures would say nothing."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a run achieved."""

    requests: int
    seconds: float
    cpu_seconds: float

    @property
    def rate(self) -> float:
        return self.requests / self.seconds

    @property
    def ms_per_request(self) -> float:
        """How long one took, where they were sent one at a time."""
        return 1000 * self.seconds / self.requests

    @property
    def cpu_ms_per_request(self) -> float:
        return 1000 * self.cpu_seconds / self.requests


def build_post(path: str, body: dict[str, Any], *, token: str) -> str:
    text = json.dumps(body)
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {HOST}",
        f"Authorization: Bearer {token}",
        "Content-Type: application/json",
        f"Content-Length: {len(text)}",
    ]
    return "\r\n".join([*lines, "", text])


def drive(
    server: Server, request: str, *, seconds: float = SECONDS, connections: int = CONNECTIONS
) -> Load:
    """Send the same request over and over from another process, and see what the server used.

    :raises RequestsRefused: an answer was not 2xx.
    """
    return _drive(server, {"request": request, "connections": connections}, seconds)


def drive_each(
    server: Server,
    requests: Sequence[str],
    *,
    seconds: float = SECONDS,
    connections: int = CONNECTIONS,
) -> Load:
    """Send each request once, as many as there is time for.

    :raises RequestsRefused: an answer was not 2xx.
    """
    return _drive(server, {"requests": requests, "connections": connections}, seconds)


def _drive(server: Server, order: dict[str, Any], seconds: float) -> Load:
    before = server.get_cpu_seconds()
    done = subprocess.run(
        [sys.executable, "-m", __name__],
        input=json.dumps(order | {"port": server.port, "seconds": seconds}),
        capture_output=True, text=True, check=True, timeout=seconds + TIMEOUT_SECONDS,
    )  # fmt: skip
    cpu_seconds = server.get_cpu_seconds() - before
    counted = json.loads(done.stdout)
    refused = {status: n for status, n in counted["statuses"].items() if status[:1] != "2"}
    if refused:
        raise RequestsRefused(f"Answers by status: {refused}")
    return Load(sum(counted["statuses"].values()), counted["seconds"], cpu_seconds)


def send(server: Server, request: str) -> tuple[int, Any]:
    """One request on a connection of its own: status and body."""
    with socket.create_connection((HOST, server.port), timeout=TIMEOUT_SECONDS) as connection:
        connection.sendall(request.encode())
        answer = bytearray()
        while (length := _find_length(answer)) is None or len(answer) < length:
            part = connection.recv(65536)
            if not part:
                raise ConnectionError("the server closed the connection")
            answer += part
    head, _, body = bytes(answer).partition(b"\r\n\r\n")
    return int(head[9:12]), json.loads(body)


def _find_length(answer: bytes | bytearray) -> int | None:
    """How long the whole answer is, None while its head is not complete."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return None
    for line in bytes(answer[:end]).lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return end + 4 + int(line.split(b":")[1])
    raise ValueError("an answer without a length")


def _run(
    port: int, requests: Iterator[bytes], *, seconds: float, connections: int
) -> dict[str, Any]:
    """Until the time is over, or there are no more requests."""
    statuses: Counter[str] = Counter()
    selector = selectors.DefaultSelector()
    for request in itertools.islice(requests, connections):
        connection = socket.create_connection((HOST, port), timeout=TIMEOUT_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ, bytearray())
        connection.sendall(request)
    start = time.perf_counter()
    end = start + seconds
    while selector.get_map():
        for key, _ in selector.select(TIMEOUT_SECONDS):
            if not _take_answer(key, statuses):
                continue
            is_over = time.perf_counter() >= end
            following = None if is_over else next(requests, None)
            _go_on(selector, key, following)
    return {"statuses": statuses, "seconds": time.perf_counter() - start}


def _take_answer(key: selectors.SelectorKey, statuses: Counter[str]) -> bool:
    """Whether the answer is complete now."""
    connection: Any = key.fileobj
    part = connection.recv(65536)
    if not part:
        raise ConnectionError("the server closed a connection that was to stay open")
    key.data.extend(part)
    length = _find_length(key.data)
    if length is None or len(key.data) < length:
        return False
    statuses[key.data[9:12].decode()] += 1
    key.data.clear()
    return True


def _go_on(
    selector: selectors.BaseSelector, key: selectors.SelectorKey, following: bytes | None
) -> None:
    connection: Any = key.fileobj
    if following is None:
        selector.unregister(connection)
        connection.close()
    else:
        connection.sendall(following)


def main() -> None:
    order = json.load(sys.stdin)
    if "requests" in order:
        requests = iter([request.encode() for request in order["requests"]])
    else:
        requests = itertools.repeat(order["request"].encode())
    counted = _run(
        order["port"], requests, seconds=order["seconds"], connections=order["connections"]
    )
    json.dump(counted, sys.stdout)


if __name__ == "__main__":
    main()
