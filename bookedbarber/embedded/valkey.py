"""Starts, asks and stops one embedded Valkey, which speaks Redis."""

import os
import signal
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bookedbarber.embedded import programs
from bookedbarber.embedded.addresses import redis_socket
from bookedbarber.embedded.errors import EmbeddedServiceError
from bookedbarber.embedded.liveness import (
    is_listening,
    read_pid,
    runs_in,
    stop_listener,
    wait_until,
)
from bookedbarber.embedded.places import Place

START_SECONDS = 20
STOP_SECONDS = 20
DATABASES = 1024  # the tests give every worker of every run a number of its own


class Valkey:
    """The Valkey of one place."""

    key = "valkey"
    name = "Valkey"

    def __init__(self, place: Place, *, durable: bool = True) -> None:
        self._place = place
        self._data = place.valkey_data
        self._socket = redis_socket(place.home)
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
            raise EmbeddedServiceError(f"Valkey does not answer: see {self._log}.")

    def stop(self) -> None:
        """Stop it if it runs: what it holds is written first.

        :raises EmbeddedServiceError: it does not stop.
        """
        if self.is_listening():
            self._stop()

    @property
    def _pid_file(self) -> Path:
        return self._data / "valkey.pid"

    @property
    def _log(self) -> Path:
        return self._data / "valkey.log"

    def _start(self) -> None:
        self._stop()
        self._pid_file.unlink(missing_ok=True)
        account = self._place.account
        started = account.run([programs.find_valkey_server(account), *self._options()])
        if started.returncode != 0:
            words = (started.stderr or started.stdout).strip().splitlines() or [f"see {self._log}"]
            raise EmbeddedServiceError(f"Valkey did not start: {words[-1]}")

    def _options(self) -> list[str | Path]:
        options: dict[str, str | Path] = {
            "--port": "0",
            "--unixsocket": self._socket,
            "--unixsocketperm": "700",
            "--dir": self._data,
            "--pidfile": self._pid_file,
            "--logfile": self._log,
            "--daemonize": "yes",
            "--set-proc-title": "no",  # the folder in its command line is how we know it again
            "--databases": str(DATABASES),
            "--maxmemory-policy": "noeviction",
            "--save": "",
            "--appendonly": "yes" if self._durable else "no",
        }
        return [word for pair in options.items() for word in pair]

    def _stop(self) -> None:
        pid = read_pid(self._pid_file)
        if pid is None or not runs_in(pid, self._data):
            return
        os.kill(pid, signal.SIGTERM)
        if not wait_until(lambda: not runs_in(pid, self._data), seconds=STOP_SECONDS):
            raise EmbeddedServiceError(f"Valkey (process {pid}) did not stop: see {self._log}.")

    def _answers(self) -> bool:
        client = redis.Redis(
            unix_socket_path=str(self._socket), socket_timeout=5, retry=Retry(NoBackoff(), 0)
        )
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()
