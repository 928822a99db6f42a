"""Limits that end before the answer, on a machine that may stall before it has even asked."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from processors.errors import AnswerLost, ProcessorNotReached
from processors.transport import time_limit


def lose_the_answer(act: Callable[[], object], *, seconds: float = 0.4) -> AnswerLost:
    """Do it under a limit; again under longer ones, where nothing was sent in time."""
    for longer in (seconds, 10 * seconds):
        with suppress(ProcessorNotReached):
            return _lose_the_answer(act, longer)
    return _lose_the_answer(act, 60 * seconds)


def _lose_the_answer(act: Callable[[], object], seconds: float) -> AnswerLost:
    with pytest.raises(AnswerLost) as raised, time_limit(seconds):
        act()
    return raised.value
