"""Whether a debit that failed is tried again by itself, and when. Pure."""

from collections.abc import Sequence
from datetime import timedelta

from ..states import FailureClass

# The same debit would end the same way: the barber must do something first.
_FINAL = frozenset(
    {FailureClass.AUTHENTICATION, FailureClass.ACCOUNT_CLOSED, FailureClass.MANDATE_GONE}
)


def decide_retry(
    failure: FailureClass, *, attempts: int, schedule: Sequence[timedelta]
) -> timedelta | None:
    """How long after this failure the next attempt follows; None: a person must decide.

    `attempts` were made so far, this one included; `schedule` has one wait for each retry.
    """
    if failure in _FINAL or attempts > len(schedule):
        return None
    return schedule[attempts - 1]
