import os
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache, caches
from django.utils import timezone

from bookedbarber.foundation.ids import new_public_id
from processors.contract import AccountAccess
from processors.errors import AnswerLost
from processors.transport import AccountLeftAlone, CalledInsideTransaction, breaker_states, is_open
from processors.transport.breaker import call_through
from tests.waiting import wait_until

FAILURES = 3
MONDAY = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _breaker_settings(settings) -> None:
    settings.BREAKER_FAILURES = FAILURES
    settings.BREAKER_WINDOW_SECONDS = 30.0
    settings.BREAKER_OPEN_SECONDS = 30.0


@pytest.fixture
def access() -> AccountAccess:
    return AccountAccess(
        processor="stripe",
        environment="sandbox",
        account_id=new_public_id("acct"),
        credentials={},
    )


@pytest.fixture
def without_redis(monkeypatch):
    """Our cache, with the address of a Redis that is not there."""
    away = type(caches["default"])("redis://127.0.0.1:1/0", {})
    monkeypatch.setattr(breaker_states, "cache", away)
    return away


def call(access: AccountAccess, answer: object = "fine") -> object:
    return call_through(access, lambda: answer, failed=lambda said: said == "5xx")


def lose(access: AccountAccess) -> None:
    def send() -> None:
        raise AnswerLost(cause="ReadTimeout")

    with pytest.raises(AnswerLost):
        call_through(access, send, failed=bool)


def trip(access: AccountAccess) -> None:
    for _ in range(FAILURES):
        lose(access)


def wait_until_half_open(access: AccountAccess) -> None:
    wait_until(lambda: not is_open(access))


@time_machine.travel(MONDAY, tick=False)
def test_it_opens_after_so_many_failures(access):
    for _ in range(FAILURES - 1):
        lose(access)
    assert not is_open(access)

    lose(access)

    assert is_open(access)
    with pytest.raises(AccountLeftAlone) as raised:
        call(access)
    assert raised.value.details["retry_after"] == 30
    assert raised.value.code == "EXTERNAL_PROCESSOR_UNAVAILABLE"


def test_an_answer_that_the_account_does_not_work_is_a_failure(access):
    for _ in range(FAILURES):
        assert call(access, "5xx") == "5xx"

    assert is_open(access)


def test_an_answer_in_between_makes_it_forget(access):
    for _ in range(FAILURES - 1):
        lose(access)
    call(access)
    for _ in range(FAILURES - 1):
        lose(access)

    assert not is_open(access)


def test_failures_too_far_apart_do_not_open_it(access, settings):
    settings.BREAKER_WINDOW_SECONDS = 0.0
    trip(access)

    assert not is_open(access)


def test_the_window_slides(access, settings, monkeypatch):
    moments = iter([0.0, 28.0, 29.0, 31.0])
    settings.BREAKER_WINDOW_SECONDS = 3.0
    state = breaker_states.BreakerState(f"breaker:{access.account_id}")
    monkeypatch.setattr(breaker_states.time, "time", lambda: next(moments))

    assert [state.count_failure(3, 3.0) for _ in range(4)] == [False, False, False, True]


def test_it_can_be_switched_off(access, settings):
    settings.BREAKER_FAILURES = 0
    trip(access)

    assert not is_open(access)


def test_afterwards_one_answered_probe_closes_it(access, settings):
    settings.BREAKER_OPEN_SECONDS = 0.2
    trip(access)
    wait_until_half_open(access)

    call(access)
    for _ in range(FAILURES - 1):
        lose(access)

    assert not is_open(access)


def test_afterwards_one_failed_probe_opens_it_again(access, settings):
    settings.BREAKER_OPEN_SECONDS = 0.2
    trip(access)
    wait_until_half_open(access)
    settings.BREAKER_OPEN_SECONDS = 30.0
    settings.BREAKER_WINDOW_SECONDS = 0.0  # one is enough now

    with time_machine.travel(timezone.now(), tick=False):
        lose(access)

        with pytest.raises(AccountLeftAlone) as raised:
            call(access)
    assert raised.value.details["retry_after"] == 30


def test_after_a_failed_probe_there_is_another(access, settings):
    settings.BREAKER_OPEN_SECONDS = 0.2
    trip(access)
    wait_until_half_open(access)

    lose(access)

    wait_until_half_open(access)
    assert call(access) == "fine"


@pytest.mark.parametrize(
    "other", [{"account_id": "acct_2"}, {"environment": "production"}, {"processor": "square"}]
)
def test_every_account_has_its_own(access, other):
    trip(access)

    assert is_open(access)
    assert not is_open(replace(access, **other))
    assert call(replace(access, **other)) == "fine"


def test_while_the_probe_is_out_nobody_else_goes(access, settings):
    settings.BREAKER_OPEN_SECONDS = 0.2
    trip(access)
    wait_until_half_open(access)
    refused = []

    def send() -> str:
        assert is_open(access)
        with pytest.raises(AccountLeftAlone) as raised:
            call(access)
        refused.append(raised.value)
        return "fine"

    call_through(access, send, failed=lambda _: False)

    assert len(refused) == 1
    assert call(access) == "fine"


def test_of_twenty_at_once_one_is_the_probe(access, settings):
    settings.BREAKER_OPEN_SECONDS = 0.2
    trip(access)
    wait_until_half_open(access)
    start, all_tried = threading.Barrier(20), threading.Semaphore(0)
    sent: list[int] = []

    def send() -> str:
        sent.append(1)
        for _ in range(19):
            assert all_tried.acquire(timeout=60)
        return "fine"

    def go() -> None:
        start.wait(timeout=60)
        try:
            call_through(access, send, failed=lambda _: False)
        except AccountLeftAlone:
            all_tried.release()

    threads = [threading.Thread(target=go) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=100)

    assert sent == [1]
    assert call(access) == "fine"


def test_a_probe_that_proved_nothing_leaves_its_place(access, settings):
    settings.BREAKER_OPEN_SECONDS = 0.2
    trip(access)
    wait_until_half_open(access)

    def send() -> None:
        raise CalledInsideTransaction

    with pytest.raises(CalledInsideTransaction):
        call_through(access, send, failed=bool)

    assert call(access) == "fine"


def test_a_probe_whose_process_died_is_forgotten(access, settings):
    settings.BREAKER_OPEN_SECONDS = 0.2
    settings.PROCESSOR_TIMEOUT_SECONDS = 50
    trip(access)
    wait_until_half_open(access)
    in_child(lambda: call_through(access, lambda: os._exit(7), failed=bool), status=7)
    assert is_open(access)

    client = cache._cache.get_client(write=True)
    probe = cache.make_key(f"breaker:stripe:sandbox:{access.account_id}:probe")
    assert 0 < client.ttl(probe) <= 50
    client.expire(probe, 0)  # as if its time were over
    assert answers(access)


def test_a_clock_put_back_does_not_keep_it_open(access, settings):
    trip(access)
    settings.BREAKER_OPEN_SECONDS = 1.0  # as if 29 s of what was written were not real

    assert call(access) == "fine"


def test_two_processes_share_it(access):
    for _ in range(FAILURES):
        in_child(lambda: lose(access))

    assert is_open(access)
    with pytest.raises(AccountLeftAlone):
        call(access)


def test_an_answer_to_another_process_closes_it_here(access, settings):
    settings.BREAKER_OPEN_SECONDS = 0.2
    trip(access)
    wait_until_half_open(access)

    in_child(lambda: call(access))

    for _ in range(FAILURES - 1):
        lose(access)
    assert not is_open(access)


def test_without_redis_each_process_goes_by_itself(access, settings, without_redis):
    in_child(lambda: trip(access))
    assert not is_open(access)

    trip(access)
    assert is_open(access)
    with pytest.raises(AccountLeftAlone):
        call(access)

    with time_machine.travel(timezone.now() + timedelta(seconds=31)):
        assert not is_open(access)
        assert call(access) == "fine"
        assert not is_open(access)


def test_redis_that_goes_away_in_the_middle_is_no_failure_of_the_call(
    access, monkeypatch, without_redis
):
    monkeypatch.setattr(breaker_states, "cache", cache)

    def send() -> str:
        monkeypatch.setattr(breaker_states, "cache", without_redis)
        raise AnswerLost(cause="ReadTimeout")

    with pytest.raises(AnswerLost):
        call_through(access, send, failed=bool)


def test_an_emptied_redis_is_a_fresh_start(access):
    trip(access)
    cache.clear()

    assert call(access) == "fine"


def answers(access: AccountAccess) -> bool:
    try:
        return call(access) == "fine"
    except AccountLeftAlone:
        return False


def in_child(act, *, status: int = 0) -> None:
    """Do it in a process of its own, which must end with `status`."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            cache.close()
            act()
            code = 0
        finally:
            os._exit(code)  # the child must never go on as a second pytest
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == status
