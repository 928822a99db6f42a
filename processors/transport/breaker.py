"""A circuit breaker for each processor account, shared by all processes through Django's cache.

closed ──► open        BREAKER_FAILURES in a row within BREAKER_WINDOW_SECONDS
open   ──► half open   after BREAKER_OPEN_SECONDS: one call, the probe, goes out
half open ──► closed   the probe was answered
half open ──► open     it was not
"""

import logging
import math
import time
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings

from processors.contract import AccountAccess
from processors.errors import AnswerLost, ProcessorNotReached
from processors.transport.breaker_states import BreakerState, Reading
from processors.transport.deadlines import get_seconds_left

A = TypeVar("A")

log = logging.getLogger("processors.breaker")


class AccountLeftAlone(ProcessorNotReached):
    """This processor account keeps failing and is left alone for a moment."""


def is_open(access: AccountAccess) -> bool:
    """Say whether a call to the account would be left out now."""
    reading = _get_state(access).read()
    return _get_wait(reading) > 0


def forget(access: AccountAccess) -> None:
    """Let calls to the account go out again, as if it had just answered."""
    _get_state(access).forget()


def call_through(access: AccountAccess, send: Callable[[], A], *, failed: Callable[[A], bool]) -> A:
    """Send, unless the account is left alone, and count how that went.

    `failed` says of an answer that the account is not working; a refusal is an answer like others.

    :raises AccountLeftAlone: nothing was sent; `retry_after` in its details is in seconds.
    """
    state = _get_state(access)
    before = state.read()
    _admit(state, before, access)
    try:
        answer = send()
    except (ProcessorNotReached, AnswerLost):
        _note_failure(state, before, access)
        raise
    except BaseException:
        _give_back(state, before)
        raise
    if failed(answer):
        _note_failure(state, before, access)
    elif before.has_failed:
        _note_answer(state, before, access)
    return answer


def _get_state(access: AccountAccess) -> BreakerState:
    return BreakerState(f"breaker:{access.processor}:{access.environment}:{access.account_id}")


def _admit(state: BreakerState, reading: Reading, access: AccountAccess) -> None:
    wait = _get_wait(reading)
    if wait <= 0 and (not reading.is_tripped or state.take_probe(_get_probe_seconds())):
        return
    details = {"processor": access.processor, "account_id": access.account_id}
    raise AccountLeftAlone(**details, retry_after=max(math.ceil(wait), 1))


def _get_wait(reading: Reading) -> float:
    """Return for how many more seconds nothing is sent, 0 for not at all."""
    now = time.time()
    # Longer than the setting is none of ours: the clock was put back since.
    left_open = reading.open_until - now
    wait = 0.0 if left_open > settings.BREAKER_OPEN_SECONDS else left_open
    return max(wait, reading.probe_until - now, 0.0)


def _get_probe_seconds() -> float:
    """Return after how long a probe whose process died is forgotten."""
    timeout: float = settings.PROCESSOR_TIMEOUT_SECONDS
    return min(get_seconds_left(), timeout)


def _note_failure(state: BreakerState, before: Reading, access: AccountAccess) -> None:
    count = settings.BREAKER_FAILURES
    is_frequent = state.count_failure(count, settings.BREAKER_WINDOW_SECONDS)
    if not before.is_tripped and not is_frequent:
        return
    state.open(settings.BREAKER_OPEN_SECONDS)
    log.warning(
        "Left alone for %s s after failures: %s %s",
        settings.BREAKER_OPEN_SECONDS, access.processor, access.account_id,
    )  # fmt: skip


def _note_answer(state: BreakerState, before: Reading, access: AccountAccess) -> None:
    state.forget()
    if before.is_tripped:
        log.info("Answers again: %s %s", access.processor, access.account_id)


def _give_back(state: BreakerState, before: Reading) -> None:
    """Let another call be the probe: this one proved nothing."""
    if before.is_tripped:
        state.drop_probe()
