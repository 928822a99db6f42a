"""Repeating a whole transaction that lost against another one."""

import random
import time
from collections.abc import Callable
from functools import wraps
from logging import getLogger
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import OperationalError, connection, transaction
from psycopg2.errors import DeadlockDetected, SerializationFailure

P = ParamSpec("P")
R = TypeVar("R")

log = getLogger("bookedbarber.database")


def retry_transaction(act: Callable[P, R]) -> Callable[P, R]:
    """Run `act` as one transaction, again after a deadlock or serialisation failure.

    Up to `TRANSACTION_RETRIES` repetitions, after `TRANSACTION_RETRY_SECONDS`·2ⁿ with jitter.
    `act` must not talk to anything outside the database. Inside an open transaction it runs once:
    only the outermost block can be repeated.

    :raises OperationalError: it still loses after the last repetition.
    """

    @wraps(act)
    def repeated(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            return act(*args, **kwargs)
        for attempt in range(settings.TRANSACTION_RETRIES):
            try:
                with transaction.atomic():
                    return act(*args, **kwargs)
            except OperationalError as error:
                if not _lost_a_race(error):
                    raise
                log.warning("%s lost a race (%s); repeating", act.__qualname__, error.__cause__)
            time.sleep(_get_wait_seconds(attempt))
        with transaction.atomic():
            return act(*args, **kwargs)

    return repeated


def _lost_a_race(error: OperationalError) -> bool:
    return isinstance(error.__cause__, DeadlockDetected | SerializationFailure)


def _get_wait_seconds(attempt: int) -> float:
    # Jitter is not for secrets.
    base: float = settings.TRANSACTION_RETRY_SECONDS
    return float(base * 2**attempt * random.uniform(0.5, 1.0))
