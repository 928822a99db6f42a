"""Who uses the servers of a home, and so when they start and stop.

Two locked files in the home folder. `users.lock` is held shared by every user, so whoever can
take it alone is the last. `change.lock` is held while servers start or stop. The kernel drops
both when a process dies, which is why a killed user needs no cleaning up: the next one finds
the servers running, and stops them when it leaves.
"""

import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bookedbarber.embedded.errors import EmbeddedServiceError
from bookedbarber.embedded.places import (
    Place,
    find_place,
    prepare_folders,
    prepare_home,
    remove_socket_folder,
)
from bookedbarber.embedded.postgres import Postgres
from bookedbarber.embedded.valkey import Valkey

ALL_SERVERS = frozenset({"postgres", "valkey"})

Server = Postgres | Valkey


def needed_servers() -> frozenset[str]:
    """Return which servers must be ours because their address is not in the environment."""
    variables = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}
    return frozenset(name for name, variable in variables.items() if not os.environ.get(variable))


@contextmanager
def services(
    home: Path, *, durable: bool = True, servers: Collection[str] = ALL_SERVERS
) -> Iterator[None]:
    """Keep the servers of `home` running for the length of the block.

    Starts what does not run; stops everything when nobody else uses it any more. With
    `durable=False` speed comes before the data, which then survive no power cut.

    :raises EmbeddedServiceError: a server cannot be started or stopped.
    """
    if not servers:
        yield
        return
    home = prepare_home(home)
    with ExitStack() as stack:
        users = stack.enter_context(_open_lock(home / "users.lock"))
        stack.callback(_leave, home, users)
        with _changing(home):
            fcntl.flock(users, fcntl.LOCK_SH)
            place = find_place(home)
            prepare_folders(place)
            for server in _servers_of(place, durable=durable):
                if server.key in servers:
                    server.ensure_running()
        yield


def stop_unused(home: Path) -> bool:
    """Stop the servers a killed user left behind; return False when somebody uses them."""
    home = prepare_home(home)
    with _open_lock(home / "users.lock") as users, _changing(home):
        return _stop_if_last(home, users)


def list_running(home: Path) -> dict[str, bool]:
    """Return for each server, by its display name, whether it runs now."""
    place = find_place(prepare_home(home))
    return {server.name: server.is_listening() for server in _servers_of(place)}


def _servers_of(place: Place, *, durable: bool = True) -> list[Server]:
    return [Valkey(place, durable=durable), Postgres(place, durable=durable)]


def _leave(home: Path, users: int) -> None:
    with _changing(home):
        _stop_if_last(home, users)


def _stop_if_last(home: Path, users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    place = find_place(home)
    for server in _servers_of(place):
        server.stop()
    remove_socket_folder(place)
    return True


@contextmanager
def _changing(home: Path) -> Iterator[None]:
    with _open_lock(home / "change.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _open_lock(path: Path) -> Iterator[int]:
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise EmbeddedServiceError(f"{path} cannot be opened: {error}.") from error
    try:
        yield lock
    finally:
        os.close(lock)
