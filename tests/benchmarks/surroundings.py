"""A fresh, migrated database on durable servers of our own, and settings that say so."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2

from bookedbarber import embedded
from bookedbarber.environment import get_home, load_env_file

# Nobody is held back while we measure; the counting itself stays on.
UNLIMITED = str(10**9)


@contextmanager
def prepared() -> Iterator[None]:
    """Keep PostgreSQL and Redis running, durable as in `bin/run`, with Django set up on them."""
    load_env_file()
    home = get_home() / "bench"
    database = f"bench_{os.getpid()}"
    with embedded.services(home, durable=True), _database(home, database):
        _export_settings(home, database)
        _set_up_django()
        try:
            yield
        finally:
            _close_connections()


@contextmanager
def _database(home: Path, name: str) -> Iterator[None]:
    _execute(home, f'CREATE DATABASE "{name}"')
    try:
        yield
    finally:
        _execute(home, f'DROP DATABASE "{name}" WITH (FORCE)')


def _execute(home: Path, statement: str) -> None:
    folder = embedded.socket_folder(home)
    connection = psycopg2.connect(host=str(folder), port=5432, user="postgres", dbname="postgres")
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


def _export_settings(home: Path, database: str) -> None:
    """The servers we start inherit them."""
    os.environ.update(
        {
            "BOOKEDBARBER_HOME": str(home),
            "DATABASE_URL": embedded.database_url(home, name=database),
            "REDIS_URL": embedded.redis_url(home),
            "CELERY_BROKER_URL": embedded.broker_url(home),
            "DJANGO_SETTINGS_MODULE": "bookedbarber.settings",
            "ENVIRONMENT": "sandbox",
            "DEBUG": "false",
            "STATIC_MANIFEST": "false",
            "LOG_LEVEL": "WARNING",
            "ACCESS_TOKEN_SECONDS": "86400",
            "THROTTLE_ROUTING_PER_HOUR": UNLIMITED,
            "THROTTLE_PROCESSING_PER_HOUR": UNLIMITED,
            "THROTTLE_WEBHOOKS_PER_HOUR": UNLIMITED,
        }
    )


def _set_up_django() -> None:
    import django
    from django.core.cache import cache
    from django.core.management import call_command

    from bookedbarber.foundation.memory import keep_what_is_loaded

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    cache.clear()
    # As every server and worker does.
    keep_what_is_loaded()


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()
