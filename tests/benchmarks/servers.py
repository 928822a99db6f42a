"""Processes on the loopback address: gunicorn as in the Procfile, and our own small servers."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psutil  # type: ignore[import-untyped]

from bookedbarber.launch.answers import get_status
from bookedbarber.launch.ports import HOST, find_free_ports
from tests.waiting import wait_until

THREADS = 8


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    process: psutil.Process

    def get_cpu_seconds(self) -> float:
        """What it and its workers have used so far, user and system."""
        family = [self.process, *self.process.children(recursive=True)]
        times = [member.cpu_times() for member in family]
        return sum(time.user + time.system for time in times)


@contextmanager
def gunicorn(application: str, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """One worker process of threads, so that a core is what both sides have."""
    port = find_free_ports().web
    command = [
        "gunicorn", application, "--bind", f"{HOST}:{port}", "--worker-class", "gthread",
        "--workers", "1", "--threads", str(THREADS), "--timeout", "60", "--log-level", "warning",
        "--no-control-socket",
    ]  # fmt: skip
    with _running(["-m", *command], environment or {}, port) as server:
        yield server


@contextmanager
def module(name: str) -> Iterator[Server]:
    """`python -m name PORT`: it answers GET /ready once it listens."""
    port = find_free_ports().web
    with _running(["-m", name, str(port)], {}, port) as server:
        yield server


@contextmanager
def _running(arguments: list[str], environment: Mapping[str, str], port: int) -> Iterator[Server]:
    process = subprocess.Popen([sys.executable, *arguments], env=os.environ | environment)
    try:
        wait_until(lambda: get_status(port, "/ready") is not None, seconds=60, worker=process)
        yield Server(port, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(timeout=30)
