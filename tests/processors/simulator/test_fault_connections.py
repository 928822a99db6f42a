"""Faults on the socket: they must look right from outside and harm nobody else."""

import signal
import socket
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.processors.simulator.conftest import Sandbox, run_sandbox
from tests.processors.simulator.payers import LOST, make_payer
from tests.processors.simulator.test_process import simulator_process
from tests.waiting import wait_until


def connect(url: str) -> socket.socket:
    host, port = url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=60)


def ask(connection: socket.socket, secret: str) -> None:
    """Ask for the balance at Stripe, as far as the simulator is concerned."""
    head = f"GET /stripe/v1/balance HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {secret}\r\n\r\n"
    connection.sendall(head.encode())


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "connection_refused"])
def test_a_reset_is_a_reset_and_not_an_end(sandbox: Sandbox, kind: str) -> None:
    account = sandbox.put_account("stripe")
    sandbox.add_fault(kind, account)
    with connect(sandbox.url) as connection:
        ask(connection, account.secret)

        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_a_cut_answer_promises_more_than_comes(sandbox: Sandbox) -> None:
    account = sandbox.put_account("stripe")
    sandbox.add_fault("truncated", account)
    with connect(sandbox.url) as connection, connection.makefile("rb") as reader:
        ask(connection, account.secret)
        head, body = reader.read().split(b"\r\n\r\n")

    promised = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
    assert (head.split(b" ")[1], len(body)) == (b"200", promised // 2)


def test_a_slow_answer_comes_byte_by_byte(sandbox: Sandbox) -> None:
    account = sandbox.put_account("stripe")
    sandbox.add_fault("slow", account, seconds=0.4)
    with connect(sandbox.url) as connection:
        began = time.monotonic()
        ask(connection, account.secret)
        received = b""
        while len(received) < 3:
            received += connection.recv(100)

        assert time.monotonic() - began >= 0.75
    # More than one at a time only when we came late.
    assert received[:3] == b"HTT"
    assert len(received) < 50


def test_silence_ends_with_the_connection(sandbox: Sandbox) -> None:
    account = sandbox.put_account("stripe")
    sandbox.add_fault("time_out_before", account, seconds=0.2)
    with connect(sandbox.url) as connection:
        began = time.monotonic()
        ask(connection, account.secret)

        assert connection.recv(1) == b""

    assert 0.15 < time.monotonic() - began < 60


def test_held_connections_keep_nobody_else_waiting(sandbox: Sandbox) -> None:
    stuck, other = sandbox.put_account("stripe"), make_payer(sandbox, "stripe")
    sandbox.add_fault("time_out_before", stuck, times=None)
    held = [connect(sandbox.url) for _ in range(40)]
    for connection in held:
        ask(connection, stuck.secret)
    wait_until(lambda: len(sandbox.hits(stuck)) == 40)

    began = time.monotonic()
    seen = [other.pay_anew().seen for _ in range(5)]

    assert seen == ["paid"] * 5
    assert time.monotonic() - began < 60
    for connection in held:
        connection.close()


def test_a_held_connection_ends_when_its_client_gives_up(own_sandbox: Sandbox) -> None:
    threads = set(threading.enumerate())
    account = own_sandbox.put_account("stripe")
    own_sandbox.add_fault("time_out_before", account, times=None)
    held = [connect(own_sandbox.url) for _ in range(10)]
    for connection in held:
        ask(connection, account.secret)
    wait_until(lambda: len(own_sandbox.hits(account)) == 10)
    holding = set(threading.enumerate()) - threads
    assert len(holding) >= 10

    for connection in held:
        connection.close()

    # One more serves the control doors.
    wait_until(lambda: sum(thread.is_alive() for thread in holding) <= 1)


def test_too_many_connections_are_turned_away(
    own_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("processors.simulator.server._MOST_CONNECTIONS", 3)
    connections = [connect(own_sandbox.url) for _ in range(3)]
    for connection in connections:
        connection.sendall(b"GET /health HTTP/1.1\r\n\r\n")
        assert connection.recv(100)

    with connect(own_sandbox.url) as fourth:
        assert fourth.recv(1) == b""
    for connection in connections:
        connection.close()


def test_sigterm_drops_held_connections(tmp_path: Path) -> None:
    with simulator_process(tmp_path / "state.sqlite3") as (process, url):
        sandbox = Sandbox(url)
        with sandbox.closing, connect(url) as silent, connect(url) as slow:
            account = sandbox.put_account("stripe")
            sandbox.add_fault("time_out_after", account, path="/v1/balance")
            sandbox.add_fault("slow", account, path="/v1/balance")
            ask(silent, account.secret)
            wait_until(lambda: len(sandbox.hits(account)) == 1)
            ask(slow, account.secret)
            wait_until(lambda: len(sandbox.hits(account)) == 2)

            process.send_signal(signal.SIGTERM)

            assert process.wait(60) == 0


def test_an_outage_refuses_connections_then_is_over(own_sandbox: Sandbox) -> None:
    payer = make_payer(own_sandbox, "square")
    assert payer.pay_anew().seen == "paid"
    own_sandbox.add_fault("connection_refused", seconds=4)
    wait_until(lambda: is_refused(own_sandbox.url))

    assert payer.pay_anew().seen == LOST

    wait_until(lambda: not is_refused(own_sandbox.url))
    assert payer.pay_anew().seen == "paid"
    [rule] = own_sandbox.faults()
    assert (rule["hits"], rule["is_active"], len(payer.charges())) == (1, False, 2)


def is_refused(url: str) -> bool:
    try:
        connect(url).close()
    except ConnectionRefusedError:
        return True
    return False


def test_stopping_does_not_wait_for_an_outage_to_end() -> None:
    with run_sandbox() as sandbox:
        sandbox.add_fault("connection_refused", seconds=100)
        wait_until(lambda: is_refused(sandbox.url))
        began = time.monotonic()

    assert time.monotonic() - began < 60


def test_a_state_file_of_before_faults_is_taken_over(tmp_path: Path) -> None:
    state = tmp_path / "state.sqlite3"
    with run_sandbox(state):
        pass
    with closing(sqlite3.connect(state)) as connection:
        connection.execute("ALTER TABLE requests DROP COLUMN fault")

    with run_sandbox(state) as sandbox:
        payer = make_payer(sandbox, "stripe")
        sandbox.add_fault("conflict", payer.account)
        payer.pay()
        assert sandbox.requests(payer.account)[-1]["fault"] == "conflict"
