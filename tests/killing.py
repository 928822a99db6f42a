"""A process that dies at a chosen boundary: before or after a commit or a call to a processor.

The copy is a fork of the test process on the test's database; what it has not committed is lost
with it, as with a real kill, and so are its locks. The libraries' `commit` and `send` are where it
dies; our own code runs as it is.
"""

import os
import signal
from collections.abc import Callable
from typing import Any

import httpx
from django.db import connection

from tests.waiting import wait_until

_FINISHED, _FAILED = 0, 3


def die_at(boundary: int, act: Callable[[], object]) -> bool:
    """Run `act` in a copy of this process that kills itself at its `boundary`-th boundary.

    Returns whether it died; False: it came to its end before. Boundaries count from 1.
    """
    # Two processes on one database session would read each other's answers.
    connection.close()
    pid = os.fork()
    if pid == 0:
        _live_and_die(boundary, act)
    status: list[int] = []
    wait_until(lambda: _try_to_bury(pid, status))
    _wait_for_the_end_of_its_session(pid)
    code = os.waitstatus_to_exitcode(status[0])
    assert code in {_FINISHED, -signal.SIGKILL}, "the copy failed by itself"
    return code != _FINISHED


def _live_and_die(boundary: int, act: Callable[[], object]) -> None:
    code = _FAILED
    os.environ["PGAPPNAME"] = _get_session_name(os.getpid())
    try:
        clock = _Countdown(boundary)
        connection._commit = clock.around(connection._commit)  # type: ignore[attr-defined]
        httpx.Client.send = clock.around(httpx.Client.send)  # type: ignore[method-assign]
        act()
        code = _FINISHED
    finally:
        # Neither pytest's cleaning up nor anything else of the parent's.
        os._exit(code)


class _Countdown:
    def __init__(self, boundary: int) -> None:
        self._left = boundary

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            self._pass()
            result = call(*args, **kwargs)
            self._pass()
            return result

        return counted

    def _pass(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _get_session_name(pid: int) -> str:
    return f"a copy, {pid}"


def _wait_for_the_end_of_its_session(pid: int) -> None:
    """PostgreSQL notices a moment later that a process has died."""
    try:
        wait_until(lambda: not _list_sessions(pid))
    except AssertionError as error:
        raise AssertionError(f"sessions outlive their process: {_list_sessions(pid)}") from error


def _list_sessions(pid: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, state, wait_event_type, wait_event, state_change, now(), query"
            " FROM pg_stat_activity WHERE application_name = %s",
            [_get_session_name(pid)],
        )
        return cursor.fetchall()


def _try_to_bury(pid: int, status: list[int]) -> bool:
    dead, how = os.waitpid(pid, os.WNOHANG)
    if dead:
        status.append(how)
    return bool(dead)
