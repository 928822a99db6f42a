import os
import socket
import threading
import time
from contextlib import suppress

import pytest
from django.db import transaction

from processors.errors import AnswerLost, ProcessorNotReached
from processors.transport import CalledInsideTransaction, client, http_client, time_limit
from tests.processors.raw_server import (
    RawServer,
    answers,
    drips,
    hangs_up_after,
    in_turn,
    is_silent,
    resets,
    truncates,
)
from tests.processors.short_limits import lose_the_answer
from tests.waiting import wait_until


def test_an_answer_comes_back_whole(raw_server):
    raw_server.answer = answers({"a": 1}, 201)

    answer = http_client.post(raw_server.url, content=b"x=1")

    assert (answer.status_code, answer.json()) == (201, {"a": 1})
    assert raw_server.requests[0].body == b"x=1"


def test_requests_share_a_connection(raw_server):
    raw_server.answer = answers({})

    for _ in range(3):
        http_client.get(raw_server.url)

    assert raw_server.connections == 1


def test_a_refused_connection_is_not_reached(closed_port_url):
    with pytest.raises(ProcessorNotReached) as raised:
        http_client.post(closed_port_url)

    assert raised.value.details == {"cause": "ConnectError"}


def test_a_name_that_does_not_resolve_is_not_reached():
    with pytest.raises(ProcessorNotReached):
        http_client.post("http://nowhere.invalid/")


def test_a_look_up_that_hangs_is_cut_off(monkeypatch):
    is_over = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        is_over.wait(60)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    started = time.monotonic()

    with pytest.raises(ProcessorNotReached) as raised, time_limit(0.1):
        http_client.post("http://slow-name.invalid/")

    is_over.set()
    assert raised.value.details == {"cause": "ConnectTimeout"}
    assert time.monotonic() - started < 40


def test_time_that_is_up_before_the_connection_is_not_reached(raw_server):
    with pytest.raises(ProcessorNotReached), time_limit(0):
        http_client.post(raw_server.url)

    assert raw_server.requests == []


def test_a_handshake_that_does_not_end_is_not_reached(raw_server):
    with pytest.raises(ProcessorNotReached), time_limit(2):
        http_client.post(raw_server.url.replace("http:", "https:"))

    wait_until(lambda: raw_server.connections == 1)


def test_a_handshake_of_one_byte_at_a_time_is_not_reached():
    is_over = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            # A TLS record of 16 KiB of handshake, of which each byte is progress.
            for byte in b"\x16\x03\x03\x40\x00\x02" + bytes(16_000):
                connection.sendall(bytes([byte]))
                if is_over.wait(0.02):
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=drip, daemon=True)
        server.start()
        started = time.monotonic()

        with pytest.raises(ProcessorNotReached), time_limit(1):
            http_client.post(f"https://127.0.0.1:{listener.getsockname()[1]}")

        assert 0.9 < time.monotonic() - started < 40
        is_over.set()
        server.join(timeout=60)


def test_a_head_of_one_byte_at_a_time_does_not_hold_us(raw_server):
    raw_server.answer = drips({}, every_seconds=0.05, X_Long="x" * 1500)  # a minute
    started = time.monotonic()

    lose_the_answer(lambda: http_client.post(raw_server.url))

    assert time.monotonic() - started < 40


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(resets(), id="reset"),
        pytest.param(hangs_up_after(), id="closed"),
        pytest.param(hangs_up_after(b"garbage\r\n\r\n"), id="garbage"),
        pytest.param(hangs_up_after(b"HTTP/1.1 200 OK\r\nContent-"), id="half a head"),
        pytest.param(truncates({"a": "b" * 100}), id="truncated"),
        pytest.param(answers(b"\x1f\x8b", Content_Encoding="gzip"), id="compressed"),
        pytest.param(answers(b"x" * (client.LARGEST_ANSWER_BYTES + 1)), id="too large"),
    ],
)
def test_an_answer_that_does_not_arrive_is_lost(raw_server, answer):
    raw_server.answer = answer

    with pytest.raises(AnswerLost):
        http_client.post(raw_server.url, content=b"x=1")

    assert len(raw_server.requests) == 1


def test_silence_is_lost_when_the_limit_is_over(raw_server):
    raw_server.answer = is_silent()

    lost = lose_the_answer(lambda: http_client.post(raw_server.url))

    assert lost.details == {"cause": "ReadTimeout"}


def test_one_byte_at_a_time_does_not_hold_us(raw_server):
    raw_server.answer = drips({"a": "b" * 4000}, every_seconds=0.02)
    started = time.monotonic()

    lose_the_answer(lambda: http_client.post(raw_server.url))

    assert time.monotonic() - started < 40


def test_a_server_that_does_not_read_does_not_hold_us(raw_server):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        started = time.monotonic()
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"

        lost = lose_the_answer(lambda: http_client.post(url, content=b"x" * 20_000_000))

    assert lost.details == {"cause": "WriteTimeout"}
    assert time.monotonic() - started < 40


def test_a_limit_of_ours_applies_where_none_is_set(raw_server, settings):
    settings.PROCESSOR_TIMEOUT_SECONDS = 1
    raw_server.answer = drips({"a": "b" * 4000}, every_seconds=0.02)

    with pytest.raises(AnswerLost):
        http_client.post(raw_server.url, timeout=60)


def test_an_inner_limit_cannot_lengthen_an_outer_one(raw_server):
    raw_server.answer = is_silent()
    started = time.monotonic()

    def post() -> None:
        with time_limit(60):
            http_client.post(raw_server.url)

    lose_the_answer(post)

    assert time.monotonic() - started < 40


def test_a_limit_ends_with_its_block(raw_server):
    raw_server.answer = answers({})
    with time_limit(0):
        pass

    assert http_client.get(raw_server.url).status_code == 200


def test_a_connection_closed_while_idle_is_replaced(raw_server):
    raw_server.answer = in_turn(hangs_up_after(_ok()), answers({}))
    http_client.get(raw_server.url)
    assert raw_server.closed.acquire(timeout=60)

    assert http_client.get(raw_server.url).status_code == 200
    assert raw_server.connections == 2


def test_a_redirect_is_not_followed(raw_server):
    raw_server.answer = answers("", 302, Location=raw_server.url + "/elsewhere")

    assert http_client.post(raw_server.url).status_code == 302
    assert len(raw_server.requests) == 1


def test_no_proxy_is_taken_from_the_environment(raw_server, monkeypatch, closed_port_url):
    monkeypatch.setenv("HTTP_PROXY", closed_port_url)
    raw_server.answer = answers({})

    assert client._build_client().get(raw_server.url).status_code == 200


def test_cookies_of_one_account_do_not_reach_the_next(raw_server):
    raw_server.answer = answers({}, Set_Cookie="session=1")

    http_client.get(raw_server.url)
    http_client.get(raw_server.url)

    assert "cookie" not in raw_server.requests[1].headers


def test_a_header_that_cannot_be_sent_is_not_quoted(raw_server):
    with pytest.raises(ProcessorNotReached) as raised:
        http_client.get(raw_server.url, headers={"Authorization": "Bearer sk_secret\n"})

    assert "sk_secret" not in f"{raised.value!r} {raised.value.details}"
    assert raised.value.__context__ is None
    assert raised.value.__cause__ is None


@pytest.mark.django_db(transaction=True)
def test_a_call_inside_a_transaction_is_refused_and_not_sent(raw_server):
    raw_server.answer = answers({})

    with transaction.atomic(), pytest.raises(CalledInsideTransaction):
        http_client.post(raw_server.url)

    assert raw_server.requests == []
    assert http_client.post(raw_server.url).status_code == 200


@pytest.mark.django_db
def test_the_transaction_around_a_test_case_does_not_count(raw_server):
    raw_server.answer = answers({})

    assert http_client.post(raw_server.url).status_code == 200
    with transaction.atomic(), pytest.raises(CalledInsideTransaction):
        http_client.post(raw_server.url)


def test_a_forked_child_opens_a_connection_of_its_own(raw_server):
    raw_server.answer = answers({})
    http_client.get(raw_server.url)

    child = os.fork()
    if child == 0:
        _exit_with_status_of(raw_server)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert http_client.get(raw_server.url).status_code == 200
    assert raw_server.connections == 2


def _exit_with_status_of(server: RawServer) -> None:
    status = 1
    try:
        status = 0 if http_client.get(server.url).status_code == 200 else 2
    finally:
        os._exit(status)  # the child must never go on as a second pytest


def _ok() -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
