"""Homes for embedded servers, and processes that use them."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import redis

from bookedbarber import embedded
from bookedbarber.embedded.accounts import Account
from bookedbarber.embedded.lifetime import list_running, stop_unused
from bookedbarber.embedded.places import elsewhere
from bookedbarber.environment import ROOT

USER = """
import sys
from pathlib import Path
from bookedbarber import embedded
with embedded.services(Path(sys.argv[1]), durable=False):
    print("up", flush=True)
    sys.stdin.read()
"""


@contextmanager
def temporary_home() -> Iterator[Path]:
    """A home every account can enter: pytest's own temporary folders are private."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder / "home"
    finally:
        remove_home(folder / "home")
        shutil.rmtree(folder, ignore_errors=True)


def remove_home(home: Path) -> None:
    """Stop whatever a failed test left running and delete every folder of this home."""
    stop_unused(home)
    away = elsewhere(home)
    for folder in (home, embedded.socket_folder(home), away, Path(f"{away}.former")):
        shutil.rmtree(folder, ignore_errors=True)


def start_user(home: Path) -> subprocess.Popen[str]:
    """Start a process that uses the servers until its standard input ends."""
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(home)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def wait_until_up(user: subprocess.Popen[str]) -> None:
    assert user.stdout is not None
    assert user.stdout.readline() == "up\n"


def end_user(user: subprocess.Popen[str]) -> None:
    """Let it leave in the orderly way."""
    user.communicate(timeout=100)


def is_running(home: Path) -> bool:
    """Say whether both servers run; fails when only one does."""
    (answer,) = set(list_running(home).values())
    return answer


@contextmanager
def living_process(account: Account) -> Iterator[int]:
    """A process of this account that has nothing to do with the servers."""
    other = subprocess.Popen(["/bin/sleep", "600"], user=None if account.is_ours else account.uid)
    try:
        yield other.pid
    finally:
        other.kill()
        other.wait()


def query(home: Path, sql: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(
        host=str(embedded.socket_folder(home)), port=5432, user="postgres", dbname="bookedbarber"
    )
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def connect_to_redis(home: Path) -> redis.Redis:
    return redis.Redis.from_url(embedded.redis_url(home), decode_responses=True)
