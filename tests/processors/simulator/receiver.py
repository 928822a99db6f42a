"""A program that receives webhooks, and can be told to refuse some."""

import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: str


class WebhookReceiver:
    """Listens on loopback; answers the next requests with `statuses`, then 200."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.statuses: list[int] = []
        self._arrived = threading.Condition()
        receiver = self

        class Endpoint(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(receiver._take(Received(self.path, headers, body)))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hooks"

    def _take(self, received: Received) -> int:
        with self._arrived:
            status = self.statuses.pop(0) if self.statuses else 200
            self.received.append(received)
            self._arrived.notify_all()
            return status

    def wait_for(self, count: int, seconds: float = 60) -> list[Received]:
        """The received webhooks once there are `count`."""
        deadline = time.monotonic() + seconds
        with self._arrived:
            while len(self.received) < count:
                if not self._arrived.wait(deadline - time.monotonic()):
                    raise AssertionError(f"{len(self.received)} of {count} webhooks came")
            return list(self.received)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
