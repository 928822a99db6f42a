"""Starts, asks and stops one embedded PostgreSQL."""

import shlex
import shutil
from pathlib import Path
from typing import Any

import psycopg2

from bookedbarber.embedded import programs
from bookedbarber.embedded.addresses import DATABASE, DATABASE_USER, postgres_socket
from bookedbarber.embedded.errors import EmbeddedServiceError
from bookedbarber.embedded.liveness import (
    is_listening,
    read_pid,
    runs_in,
    stop_listener,
    wait_until,
)
from bookedbarber.embedded.places import Place, create_private_folder

START_SECONDS = 60
STOP_SECONDS = 30
NEEDED_DISK_BYTES = 300_000_000

SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "unix_socket_permissions": "0700",
}
THROWAWAY_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """The PostgreSQL of one place."""

    key = "postgres"
    name = "PostgreSQL"

    def __init__(self, place: Place, *, durable: bool = True) -> None:
        self._place = place
        self._data = place.postgres_data
        self._socket = postgres_socket(place.home)
        self._durable = durable

    def is_listening(self) -> bool:
        return is_listening(self._socket)

    def ensure_running(self) -> None:
        """Start it unless it runs, and wait until it answers.

        :raises EmbeddedServiceError: it cannot be started.
        """
        if self.is_listening() and read_pid(self._pid_file) is None:
            stop_listener(self._socket)  # its folder was deleted under it
        if not self.is_listening():
            self._start()
        if not wait_until(self._answers, seconds=START_SECONDS):
            raise EmbeddedServiceError(
                f"PostgreSQL runs but does not answer: see {self._log}. {self._last_words()}"
            )
        self._create_database()

    def stop(self) -> None:
        """Stop it if it runs: transactions are rolled back, data are flushed.

        :raises EmbeddedServiceError: it does not stop.
        """
        if self.is_listening():
            self._stop()

    @property
    def _pid_file(self) -> Path:
        return self._data / "postmaster.pid"

    @property
    def _log(self) -> Path:
        return self._data / "postgres.log"

    def _start(self) -> None:
        if not (self._data / "PG_VERSION").exists():
            self._initialize()
        self._check_version()
        self._clear_leftovers()
        options = self._run_program(
            "pg_ctl", "start", "-s", "-w", "-t", str(START_SECONDS),
            "-D", self._data, "-l", self._log, "-o", self._server_options(),
        )  # fmt: skip
        if options.returncode != 0:
            raise EmbeddedServiceError(
                f"PostgreSQL did not start: {self._last_words() or _last_line(options.stderr)}"
            )

    def _stop(self) -> None:
        stopped = self._run_program(
            "pg_ctl", "stop", "-s", "-w", "-t", str(STOP_SECONDS), "-m", "fast", "-D", self._data
        )
        if stopped.returncode != 0 and self.is_listening():
            raise EmbeddedServiceError(f"PostgreSQL did not stop: {_last_line(stopped.stderr)}")

    def _initialize(self) -> None:
        if shutil.disk_usage(self._place.base).free < NEEDED_DISK_BYTES:
            raise EmbeddedServiceError(
                f"PostgreSQL needs {NEEDED_DISK_BYTES // 1_000_000} MB of free disk in "
                f"{self._place.base}: make room or set BOOKEDBARBER_HOME to another disk."
            )
        # Under another name until it is whole: a killed initdb must not look like a database.
        unfinished = self._data.with_name("postgres.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        create_private_folder(unfinished, self._place.account)
        made = self._run_program(
            "initdb", "-D", unfinished, "-U", DATABASE_USER, "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions",
            *([] if self._durable else ["--no-sync"]),
        )  # fmt: skip
        if made.returncode != 0:
            raise EmbeddedServiceError(f"initdb failed: {_last_line(made.stderr)}")
        unfinished.rename(self._data)

    def _check_version(self) -> None:
        written_by = (self._data / "PG_VERSION").read_text(encoding="ascii").strip()
        installed = programs.get_postgres_major()
        if written_by != installed:
            raise EmbeddedServiceError(
                f"The data in {self._data} were written by PostgreSQL {written_by}, and "
                f"PostgreSQL {installed} is installed: move that folder away to start anew, or "
                "set DATABASE_URL."
            )

    def _clear_leftovers(self) -> None:
        """Stop a server nobody can reach; drop the pid files of one that is gone.

        PostgreSQL itself trusts the files, and after a crash another process of this user may
        have got the number.
        """
        pid = read_pid(self._pid_file)
        if pid is not None and runs_in(pid, self._data):
            self._stop()
        self._pid_file.unlink(missing_ok=True)
        self._socket.with_name(f"{self._socket.name}.lock").unlink(missing_ok=True)

    def _server_options(self) -> str:
        settings = SETTINGS | {"unix_socket_directories": str(self._place.sockets)}
        if not self._durable:
            settings |= THROWAWAY_SETTINGS
        pairs = [f"{name}={value}" for name, value in settings.items()]
        return shlex.join(word for pair in pairs for word in ("-c", pair))

    def _run_program(self, name: str, *arguments: str | Path) -> Any:
        account = self._place.account
        return account.run([programs.find_postgres_program(name, account), *arguments])

    def _connect(self, database: str) -> Any:
        return psycopg2.connect(
            host=str(self._place.sockets),
            port=5432,
            user=DATABASE_USER,
            dbname=database,
            connect_timeout=5,
        )

    def _answers(self) -> bool:
        try:
            self._connect("postgres").close()
        except psycopg2.OperationalError as error:
            # Full is not down: the others have taken all connections.
            return "too many clients" in str(error)
        return True

    def _create_database(self) -> None:
        try:
            connection = self._connect("postgres")
        except psycopg2.OperationalError:
            return  # full, so it has been in use for long
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f'CREATE DATABASE "{DATABASE}"')
        finally:
            connection.close()

    def _last_words(self) -> str:
        try:
            return _last_line(self._log.read_text(encoding="utf-8", errors="replace"))
        except OSError:
            return ""


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "PANIC" in line or "error:" in line]
    return (telling or lines or [""])[-1].strip()
