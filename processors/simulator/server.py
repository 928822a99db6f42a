"""The sockets: HTTP/1.1 with keep-alive on the standard library's threading server.

`start` runs it in this process (tests), `serve` runs it until SIGTERM (the command).
"""

import gc
import signal
import socket
import socketserver
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

from processors.simulator.authorization_pages import AuthorizationPages
from processors.simulator.control.doors import ControlDoors
from processors.simulator.due_work import DueWork, DueWorkThread
from processors.simulator.faults.ruled import RuledFaults
from processors.simulator.faults.seam import Faults
from processors.simulator.messages import Answer, Request, Way, json_answer
from processors.simulator.pipeline import Pipeline
from processors.simulator.simulation import Simulation, open_simulation
from processors.simulator.square_api.api import SquareApi
from processors.simulator.stripe_api.api import StripeApi
from processors.simulator.webhooks import RETRY_DELAYS_SECONDS, WebhookSender
from processors.simulator.wire import Wire

_LARGEST_BODY = 20_000_000
# A held connection costs a thread; far above what a client's pool opens.
_MOST_CONNECTIONS = 1000
_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")


class Application:
    """Everything behind the sockets: the vendors' addresses, the control doors and the page."""

    def __init__(self, simulation: Simulation, faults: Faults) -> None:
        apis = (StripeApi(), SquareApi())
        self.due_work = DueWork(simulation, apis)
        self.pipeline = Pipeline(simulation, apis, faults, self.due_work)
        self.pages = AuthorizationPages(simulation)
        self.doors = ControlDoors(simulation, self.due_work.do)

    def answer(self, request: Request) -> Answer:
        if self.pages.owns(request.path):
            return self.pages.answer(request)
        if self.pipeline.owns(request.path):
            return self.pipeline.answer(request)
        return self.doors.answer(request)


class _Connection(BaseHTTPRequestHandler):
    """One connection, which may carry many requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    def setup(self) -> None:
        super().setup()
        self.is_busy = False
        self.server.connections.add(self)

    def finish(self) -> None:
        self.server.connections.discard(self)
        super().finish()

    def parse_request(self) -> bool:
        self.is_busy = True
        return super().parse_request()

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            self.close_connection = True
        finally:
            self.is_busy = False
            if self.server.is_stopping or self.server.is_dark:
                self.close_connection = True

    def respond(self) -> None:
        body = self._read_body()
        if body is None:
            self.close_connection = True
            answer = json_answer(411, {"error": {"message": "Send a Content-Length."}})
        else:
            answer = self.server.application.answer(self._read_request(body))
        if answer.sending.way is not Way.WHOLE:
            self.close_connection = True
        message = self._render(answer) if answer.is_sent else b""
        self.server.wire.send(self.connection, message, answer.sending)

    def _read_body(self) -> bytes | None:
        """The body, or None when its length is unknown or absurd."""
        length = self.headers.get("Content-Length")
        if length is None:
            return None if self.headers.get("Transfer-Encoding") else b""
        if not length.isdigit() or int(length) > _LARGEST_BODY:
            return None
        return self.rfile.read(int(length))

    def _read_request(self, body: bytes) -> Request:
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        host = headers.get("host") or self.server.address
        return Request(self.command, path, query, headers, body, f"http://{host}")

    def _render(self, answer: Answer) -> bytes:
        """Head and body as one message, so that one send carries both."""
        lines = [
            f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}",
            f"Content-Type: {answer.content_type}",
            f"Content-Length: {len(answer.body)}",
            *(f"{name}: {value}" for name, value in answer.headers.items()),
        ]
        if self.close_connection or self.server.is_stopping:
            lines.append("Connection: close")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", errors="replace")
        return head if self.command == "HEAD" else head + answer.body

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Silent: the request journal has it all."""


for _method in _METHODS:
    setattr(_Connection, f"do_{_method}", _Connection.respond)


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 128
    timeout = 0.05

    def __init__(self, host: str, port: int, application: Application, faults: Faults) -> None:
        self.application = application
        self.faults = faults
        self.connections: set[_Connection] = set()
        self.is_dark = False
        self._stopped = threading.Event()
        super().__init__((host, port), cast(type[socketserver.BaseRequestHandler], _Connection))
        self.wire = Wire()

    @property
    def is_stopping(self) -> bool:
        return self._stopped.is_set()

    @property
    def address(self) -> str:
        return f"{self.server_address[0]!s}:{self.server_address[1]}"

    def server_bind(self) -> None:
        # Without the reverse lookup of HTTPServer, which can hang on a machine without DNS.
        socketserver.TCPServer.server_bind(self)

    def listen(self) -> None:
        """Accept connections until told to stop."""
        while not self.is_stopping:
            seconds = self.faults.take_outage_seconds()
            if seconds is not None:
                self._go_dark(seconds)
            self.handle_request()

    def _go_dark(self, seconds: float) -> None:
        """Refuse connections for a while, and end those that wait for a request."""
        self.is_dark = True
        self.socket.close()
        self.socket = socket.socket(self.address_family, self.socket_type)
        # Bound but not listening: connections are refused, and nobody else takes the port.
        self.server_bind()
        self._end_waiting_connections()
        self._stopped.wait(seconds)
        self.is_dark = False
        self.server_activate()

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ARG002
        """Refuse who comes when too many are here already."""
        return len(self.connections) < _MOST_CONNECTIONS

    def stop_listening(self) -> None:
        self._stopped.set()

    def drain(self) -> None:
        """Let requests in flight finish; all others, held ones too, are closed."""
        self.wire.release()
        self._end_waiting_connections()
        self.server_close()
        self.wire.close()

    def _end_waiting_connections(self) -> None:
        for connection in list(self.connections):
            if not connection.is_busy:
                _stop_reading(connection.connection)


def _stop_reading(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RD)
    except OSError:
        return  # it closed by itself meanwhile


class Running:
    """A simulator that listens in a thread of this process."""

    def __init__(
        self,
        simulation: Simulation,
        host: str,
        port: int,
        faults: Faults,
        retry_delays_seconds: tuple[float, ...],
    ) -> None:
        self._simulation = simulation
        application = Application(simulation, faults)
        self._server = _Server(host, port, application, faults)
        self._sender = WebhookSender(simulation, retry_delays_seconds)
        self._due_work = DueWorkThread(simulation, application.due_work)
        self._thread = threading.Thread(target=self._server.listen)
        self.url = f"http://{self._server.address}"

    def start(self) -> None:
        self._sender.start()
        self._due_work.start()
        self._thread.start()

    def stop(self) -> None:
        """Finish what is in flight, deliver no more, close the state file."""
        self._server.stop_listening()
        self._thread.join()
        self._server.drain()
        self._due_work.stop()
        self._sender.stop()
        self._simulation.store.close()


def start(
    *,
    port: int = 0,
    state: Path | str | None = None,
    host: str = "127.0.0.1",
    faults: Faults | None = None,
    webhook_retry_seconds: tuple[float, ...] = RETRY_DELAYS_SECONDS,
) -> Running:
    """Start a simulator in this process; `state` None keeps everything in memory.

    `faults` instead of those that rules ask for.

    :raises StateFileInUse: another simulator has the state file open.
    :raises OSError: the port is taken.
    """
    simulation = open_simulation(Path(state) if state is not None else None)
    try:
        chosen = faults or RuledFaults(simulation.rule_book)
        running = Running(simulation, host, port, chosen, webhook_retry_seconds)
    except OSError:
        simulation.store.close()
        raise
    running.start()
    return running


def serve(*, port: int, state: Path | str, host: str = "127.0.0.1") -> None:
    """Run until SIGTERM or SIGINT, which let requests in flight finish."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    running = start(port=port, state=state, host=host)
    # Answers are trees without cycles: collecting less often makes bulk sales a third faster.
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)
    print(f"Processor simulator listens on {running.url} (state in {state})", flush=True)  # noqa: T201
    stopped.wait()
    running.stop()
