"""Starting a job by name, so that operations need not import tasks."""

from collections.abc import Sequence
from functools import partial
from logging import getLogger

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = getLogger("bookedbarber.jobs")

# Somebody waits for the answer: one attempt at the broker, seconds at most.
_IMPATIENT = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "socket_connect_timeout": 1,
    "socket_timeout": 2,
}


def enqueue_on_commit(job: str, **arguments: object) -> None:
    """Wake a worker once the transaction is committed.

    The message may be lost: the work itself is a row that a sweeper finds, so a broker that is
    down is logged and is no reason to fail what was committed.
    """
    transaction.on_commit(partial(_send, job, arguments))


def wake_now_and_in(seconds: float, job: str) -> None:
    """Wake a worker at once, and again for what comes until then. Not inside a transaction.

    As with `enqueue_on_commit`, a message may be lost.
    """
    _send(job, {}, countdowns=(None, seconds))


def _send(
    job: str, arguments: dict[str, object], countdowns: Sequence[float | None] = (None,)
) -> None:
    try:
        with current_app.connection(transport_options=_IMPATIENT) as connection:
            for countdown in countdowns:
                current_app.send_task(
                    job, kwargs=arguments, retry=False, connection=connection, countdown=countdown
                )
    except OperationalError:
        log.warning("%s could not be queued; the sweeper will find its work", job)
