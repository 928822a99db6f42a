from dataclasses import dataclass

import pytest

from bookedbarber.foundation.ids import new_public_id
from processors.contract import AccountAccess
from processors.errors import ProcessorNotReached
from processors.transport import AccountCalls, AccountLeftAlone, read_retry_after, time_limit


@dataclass(frozen=True)
class Said:
    status: int
    is_busy: bool = False
    retry_after_seconds: float | None = None


BUSY = Said(429, is_busy=True)


@pytest.fixture
def calls() -> AccountCalls:
    return AccountCalls(
        AccountAccess(
            processor="stripe",
            environment="sandbox",
            account_id=new_public_id("acct"),
            credentials={},
        )
    )


@pytest.fixture
def pauses(monkeypatch, settings) -> list[float]:
    """The waits, which are not waited."""
    settings.PROCESSOR_RETRY_SECONDS = 2.0
    waited: list[float] = []
    monkeypatch.setattr("processors.transport.calls.time.sleep", waited.append)
    return waited


def test_each_wait_is_longer_and_none_like_the_others(calls, pauses):
    for _ in range(20):
        assert calls.write(lambda: BUSY) == BUSY

    for number, middle in enumerate([2.0, 3.0, 4.5]):
        waits = pauses[number::3]
        assert all(0.75 * middle <= wait <= 1.25 * middle for wait in waits)
        assert len(set(waits)) > 10


def test_a_wait_asked_for_is_kept_and_spread(calls, pauses):
    for _ in range(20):
        calls.write(lambda: Said(429, is_busy=True, retry_after_seconds=7))

    assert all(7 <= wait < 9 for wait in pauses)
    assert len(set(pauses)) > 10


def test_no_wait_goes_beyond_the_limit(calls, pauses):
    with time_limit(2.6):  # the first wait fits in always, the third never
        calls.write(lambda: BUSY)
    with time_limit(1):
        calls.write(lambda: BUSY)

    assert all(wait < 2.6 for wait in pauses)
    assert len(pauses) <= 3


def test_an_account_that_is_left_alone_is_not_waited_for(calls, pauses, settings):
    settings.BREAKER_FAILURES = 1
    assert calls.write(lambda: Said(500)) == Said(500)

    with pytest.raises(AccountLeftAlone):
        calls.read(lambda: pytest.fail("it was sent"))

    assert pauses == []


def test_after_the_limit_nothing_is_sent(calls):
    with pytest.raises(ProcessorNotReached), time_limit(0):
        calls.read(lambda: pytest.fail("it was sent"))


@pytest.mark.parametrize("said", [Said(400), Said(404), Said(409), {"id": "pi_1"}])
def test_an_answer_is_not_asked_for_twice(calls, pauses, said):
    assert calls.read(lambda: said) == said
    assert pauses == []


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (None, None),
        ({}, None),
        ({"Retry-After": "3"}, 3.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"Retry-After": "1.5"}, None),
        ({"Retry-After": "٣"}, None),
        ({"Retry-After": "Wed, 21 Oct 2037 07:28:00 GMT"}, None),
    ],
)
def test_the_seconds_of_retry_after_are_read(headers, seconds):
    assert read_retry_after(headers) == seconds
