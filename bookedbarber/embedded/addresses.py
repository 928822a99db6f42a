"""Addresses of the embedded servers, computed from the home folder; nothing is started."""

import hashlib
import os
from pathlib import Path

DATABASE = "bookedbarber"
DATABASE_USER = "postgres"


def home_digest(home: Path) -> str:
    """Return what names this home in shared folders; two homes never share a digest."""
    return hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:12]


def socket_folder(home: Path) -> Path:
    """Return the folder of both sockets. Short: a socket's path is limited to about 104 bytes."""
    return Path("/tmp") / f"bookedbarber-{os.getuid()}-{home_digest(home)}"


def redis_socket(home: Path) -> Path:
    return socket_folder(home) / "redis.sock"


def postgres_socket(home: Path) -> Path:
    return socket_folder(home) / ".s.PGSQL.5432"


def database_url(home: Path, *, name: str = DATABASE) -> str:
    """Return the address in the form django-environ reads (libpq itself wants `?host=`)."""
    return f"postgres://{DATABASE_USER}@/{socket_folder(home)}/{name}"


def redis_url(home: Path, *, number: int = 0) -> str:
    """Return the address of database `number` in the form redis-py and Django's cache read."""
    return f"unix://{redis_socket(home)}?db={number}"


def broker_url(home: Path, *, number: int = 0) -> str:
    """Return the address of database `number` in the form Celery reads."""
    return f"redis+socket://{redis_socket(home)}?virtual_host={number}"


def get_missing_addresses(home: Path) -> dict[str, str]:
    """Return the variables other programs need, as far as they are not set."""
    missing = {}
    if not os.environ.get("DATABASE_URL"):
        missing["DATABASE_URL"] = database_url(home)
    if not os.environ.get("REDIS_URL"):
        missing["REDIS_URL"] = redis_url(home)
        if not os.environ.get("CELERY_BROKER_URL"):
            missing["CELERY_BROKER_URL"] = broker_url(home)
    return missing


def export_addresses(home: Path) -> None:
    """Let every process we start from now on find the servers."""
    os.environ.update(get_missing_addresses(home))
