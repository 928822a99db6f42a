"""Calls to one account: through its breaker, and repeated where that is safe.

Every repeat is the same request with the same key. All waits lie within the limit in force.
"""

import random
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias, TypeVar

from django.conf import settings

from processors.contract import AccountAccess
from processors.errors import AnswerLost, ProcessorNotReached
from processors.transport.breaker import AccountLeftAlone, call_through
from processors.transport.deadlines import get_seconds_left

_WHOLE_SECONDS = re.compile(r"[0-9]{1,9}")


class ErrorAnswer(Protocol):
    """An answer that is not a success, as an adapter's client gives it."""

    @property
    def status(self) -> int | None: ...

    @property
    def retry_after_seconds(self) -> float | None: ...

    @property
    def is_busy(self) -> bool:
        """Say whether the processor did nothing and asks us to slow down, in its own words."""
        ...


E = TypeVar("E", bound=ErrorAnswer)
Answer: TypeAlias = dict[str, Any] | E
Failure = AnswerLost | ProcessorNotReached
Outcome = dict[str, Any] | ErrorAnswer | Failure


class AccountCalls:
    """Sends the requests of one account."""

    def __init__(self, access: AccountAccess) -> None:
        self._access = access

    def write(self, send: Callable[[], Answer[E]]) -> Answer[E]:
        """Send what moves something; again only after "slow down", which did nothing.

        :raises ProcessorNotReached: nothing was sent.
        :raises AnswerLost: the answer did not come, or could not be read.
        """
        return self._send(send, is_question=False)

    def read(self, send: Callable[[], Answer[E]]) -> Answer[E]:
        """Send a question; again too when the answer was lost, or it was not heard.

        :raises ProcessorNotReached: nothing was sent the last time.
        :raises AnswerLost: the last answer did not come, or could not be read.
        """
        return self._send(send, is_question=True)

    def _send(self, send: Callable[[], Answer[E]], *, is_question: bool) -> Answer[E]:
        waits = _list_waits()
        outcome = self._try(send)
        while waits and _is_worth_repeating(outcome, is_question):
            pause = _get_pause(outcome, waits.pop(0))
            if pause >= get_seconds_left():
                break
            time.sleep(pause)
            outcome = self._try(send)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _try(self, send: Callable[[], Answer[E]]) -> Answer[E] | Failure:
        try:
            return self._send_once(send)
        except (AnswerLost, ProcessorNotReached) as failure:
            return failure

    def _send_once(self, send: Callable[[], Answer[E]]) -> Answer[E]:
        if get_seconds_left() <= 0:  # our own lateness is no failure of the account
            raise ProcessorNotReached(cause="The time is up")
        return call_through(self._access, send, failed=_is_no_answer)


def read_retry_after(headers: Mapping[str, str] | None) -> int | None:
    """Return the seconds of a `Retry-After` header; of the two forms, the one vendors send."""
    values = [value for name, value in (headers or {}).items() if name.lower() == "retry-after"]
    return int(values[0]) if values and _WHOLE_SECONDS.fullmatch(values[0].strip()) else None


def _list_waits() -> list[float]:
    """Return the seconds to wait before each repeat, around which they are spread at random."""
    first, factor = settings.PROCESSOR_RETRY_SECONDS, settings.PROCESSOR_RETRY_FACTOR
    return [first * factor**number for number in range(settings.PROCESSOR_RETRIES)]


def _is_worth_repeating(outcome: Outcome, is_question: bool) -> bool:
    if isinstance(outcome, dict | AccountLeftAlone):
        return False
    if isinstance(outcome, Exception):
        return is_question
    return outcome.is_busy or (is_question and _is_no_answer(outcome))


def _get_pause(outcome: Outcome, wait: float) -> float:
    """Return the seconds asked for, else our own; spread, so that not all return at once."""
    asked = None if isinstance(outcome, dict | Exception) else outcome.retry_after_seconds
    spread = random.uniform(-0.25, 0.25)
    return wait * (1 + spread) if asked is None else asked + wait * abs(spread)


def _is_no_answer(answer: dict[str, Any] | ErrorAnswer) -> bool:
    """Say whether it came from a server that does not work, or from something in between."""
    if isinstance(answer, dict):
        return False
    return answer.status is None or answer.status < 400 or answer.status >= 500
