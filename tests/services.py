"""A pytest plugin: real PostgreSQL and Redis for the tests, none of it shared with another run.

Loaded by `-p tests.services`, before Django reads its settings. The process that starts the run
keeps the servers up and exports their addresses; its xdist workers inherit them, and each takes
a Redis database of its own. Addresses set from outside are used as they are.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import pytest
import redis

from bookedbarber import embedded
from bookedbarber.environment import get_home, load_env_file
from tests.patience import LONG_LIMITS

SLOTS = 16
NUMBERS_PER_SLOT = 64
SLOT_VARIABLE = "BOOKEDBARBER_TEST_SLOT"


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Runs before pytest-django's hook of this name, which reads the settings."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        _start_services(early_config)
    _choose_redis_database()
    os.environ["STATIC_MANIFEST"] = "false"  # nothing was collected for the tests
    os.environ.update(LONG_LIMITS)
    return (yield)


def _start_services(config: pytest.Config) -> None:
    load_env_file()
    os.environ.pop(SLOT_VARIABLE, None)
    needed = embedded.needed_servers()
    if not needed:
        return
    home = get_home() / "test"
    stack = ExitStack()
    config.add_cleanup(stack.close)
    stack.enter_context(embedded.services(home, durable=False, servers=needed))
    slot = _take_slot(home, stack)
    if "postgres" in needed:
        os.environ["DATABASE_URL"] = embedded.database_url(home, name=_database_name(slot))
    if "valkey" in needed:
        os.environ[SLOT_VARIABLE] = str(slot)


def _take_slot(home: Path, stack: ExitStack) -> int:
    """Return a number no other run in this home has, so that two runs at once do not meet."""
    for slot in range(SLOTS):
        lock = stack.enter_context((home / f"slot-{slot}.lock").open("w"))
        if _is_locked_by_us(lock):
            return slot
    raise pytest.UsageError(f"{SLOTS} test runs use {home} already: wait for one to end.")


def _is_locked_by_us(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _database_name(slot: int) -> str:
    return "bookedbarber" if slot == 0 else f"bookedbarber_{slot}"


def _choose_redis_database() -> None:
    number = _worker_number()
    if SLOT_VARIABLE in os.environ:
        _use_embedded_redis(int(os.environ[SLOT_VARIABLE]) * NUMBERS_PER_SLOT + number)
    elif number:
        os.environ["REDIS_URL"] = _with_database(os.environ["REDIS_URL"], number)


def _with_database(url: str, number: int) -> str:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return parts._replace(query=f"db={number}").geturl()
    return parts._replace(path=f"/{number}").geturl()


def _use_embedded_redis(number: int) -> None:
    home = get_home() / "test"
    os.environ["REDIS_URL"] = embedded.redis_url(home, number=number)
    os.environ["CELERY_BROKER_URL"] = embedded.broker_url(home, number=number)
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        client.flushdb()  # whatever an earlier run left under this number


def _worker_number() -> int:
    """Return 0 for the process that starts the run, 1 for gw0, 2 for gw1, and so on."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    return int(worker.removeprefix("gw")) + 1 if worker.startswith("gw") else 0
