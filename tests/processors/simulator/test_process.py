"""The simulator as a process of its own: restarts, kills, draining."""

import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from processors.simulator.call import Call
from processors.simulator.faults.seam import NoFaults
from processors.simulator.messages import Answer
from processors.simulator.server import start
from processors.simulator.store import StateFileInUse
from tests.processors.simulator.conftest import CARD_SALE, Sandbox

ROOT = Path(__file__).parents[3]
PROGRAM = (
    "import sys; from processors.simulator.server import serve; serve(port=0, state=sys.argv[1])"
)


@contextmanager
def simulator_process(state: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and its address, once it listens."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(state)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            found = re.search(r"http://\S+", line)
            assert found, line
            yield process, found[0]
        finally:
            process.kill()


def test_what_was_charged_survives_a_kill(tmp_path: Path) -> None:
    state = tmp_path / "deep" / "state.sqlite3"
    with simulator_process(state) as (process, url):
        sandbox = Sandbox(url)
        with sandbox.closing:
            account = sandbox.put_account("stripe")
            client = sandbox.stripe_client(account.secret)
            ids = [client.v1.payment_intents.create(CARD_SALE).id for _ in range(5)]
            sandbox.advance(3600)
            process.send_signal(signal.SIGKILL)
            process.wait(60)

    again = start(state=state)
    sandbox = Sandbox(again.url)
    with sandbox.closing:
        client = sandbox.stripe_client(account.secret)
        assert [each.id for each in client.v1.payment_intents.list().data] == ids[::-1]
        assert len(sandbox.movements(account)) == 5
        assert sandbox.doors.get("clock").json()["offset_seconds"] == 3600
    again.stop()


def test_a_key_survives_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state.sqlite3"
    ids = []
    for _ in range(2):
        simulator = start(state=state)
        sandbox = Sandbox(simulator.url)
        with sandbox.closing:
            account = sandbox.put_account("stripe", account_id="acct_1", secret="sk_test_same")
            client = sandbox.stripe_client(account.secret)
            ids.append(client.v1.payment_intents.create(CARD_SALE, {"idempotency_key": "k"}).id)
        simulator.stop()

    assert ids[0] == ids[1]


def test_sigterm_ends_it_with_0_though_connections_are_open(tmp_path: Path) -> None:
    with simulator_process(tmp_path / "state.sqlite3") as (process, url):
        sandbox = Sandbox(url)
        with sandbox.closing:
            sandbox.doors.get("clock")  # kept alive, waiting for the next request
            process.send_signal(signal.SIGTERM)

            assert process.wait(60) == 0


class _Slow(NoFaults):
    def __init__(self) -> None:
        self.entered = threading.Event()
        self.released = threading.Event()

    def after(self, call: Call, answer: Answer) -> Answer:
        self.entered.set()
        self.released.wait(60)
        return answer


def test_stopping_lets_a_request_in_flight_finish() -> None:
    faults = _Slow()
    simulator = start(faults=faults)
    sandbox = Sandbox(simulator.url)
    with sandbox.closing:
        client = sandbox.new_stripe()
        statuses: list[str] = []
        payer = threading.Thread(
            target=lambda: statuses.append(client.v1.payment_intents.create(CARD_SALE).status)
        )
        payer.start()
        assert faults.entered.wait(60)
        stopper = threading.Thread(target=simulator.stop)
        stopper.start()
        faults.released.set()
        payer.join(60)
        stopper.join(60)

    assert statuses == ["succeeded"]
    assert not stopper.is_alive()


def send_raw(url: str, message: bytes) -> bytes:
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(message)
        answer = b""
        while part := connection.recv(65_536):
            answer += part
        return answer


def test_requests_that_are_no_http_are_answered_and_closed(sandbox: Sandbox) -> None:
    chunked = b"POST /_simulator/clock HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    endless = b"POST /_simulator/clock HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n"

    assert b" 411 " in send_raw(sandbox.url, chunked)
    assert b" 411 " in send_raw(sandbox.url, endless)
    assert b"400" in send_raw(sandbox.url, b"nonsense\r\n\r\n")
    assert send_raw(sandbox.url, b"GET /health HTTP/1.0\r\n\r\n").endswith(b'{"status":"ok"}')


def test_two_simulators_do_not_share_a_state_file(tmp_path: Path) -> None:
    state = tmp_path / "state.sqlite3"
    first = start(state=state)

    assert StateFileInUse.__name__ in fail_to_start(state)
    first.stop()


def fail_to_start(state: Path) -> str:
    """What a process says that cannot start on this state file."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(state)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode != 0
    return done.stderr


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        with pytest.raises(OSError, match="in use"):
            start(port=taken.getsockname()[1], state=tmp_path / "state.sqlite3")


def test_the_command_serves_and_stops(tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "processor_simulator", "--port", "0"]
    with subprocess.Popen(
        [*command, "--state", str(tmp_path / "state.sqlite3")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.send_signal(signal.SIGTERM)

        assert "Processor simulator listens on http://127.0.0.1:" in line
        assert process.wait(60) == 0
