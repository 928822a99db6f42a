"""A throw-away home with everything in it: servers, the simulator, the product, its people."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import redis

from bookedbarber.embedded import broker_url, database_url, redis_url, services
from bookedbarber.embedded.liveness import read_pid
from bookedbarber.embedded.places import elsewhere, find_place
from bookedbarber.embedded.postgres import Postgres
from tests.chaos.barbers import BARBERS, CURRENCIES, PLATFORM_ACCOUNT, PLATFORM_SECRET
from tests.chaos.plan import Plan
from tests.chaos.processes import ProcfileProcess, read_procfile
from tests.chaos.simulator import Simulator
from tests.chaos.waiting import wait_until

HOST = "127.0.0.1"
WORKERS = ("worker", "outcomes")
# A charge may be repeated for so long, and for a run's length and more where that is longer: a leg
# must be heard of once the faults are over. In earnest it is most of a day.
REPEAT_WINDOW_SECONDS = 75.0
_REPEAT_SECONDS_PER_PAYMENT = 0.16
_SLOWEST_PACE = 3.0
# What it takes where nothing else runs, on two cores.
_QUICK_MIGRATION_SECONDS = 4.5
LEASE_SECONDS = 8

# Everything that waits, waits less here; nothing that decides is changed.
SETTINGS = {
    "PROCESSOR_TIMEOUT_SECONDS": "2",
    "PROCESSOR_CONNECT_TIMEOUT_SECONDS": "1",
    "PROCESSOR_RETRY_SECONDS": "0.2",
    "CHARGE_BUDGET_SECONDS": "5",
    "CHARGE_LEASE_SECONDS": str(LEASE_SECONDS),
    "QUESTION_BUDGET_SECONDS": "4",
    "QUESTION_SCHEDULE_SECONDS": "1,2,3,5",
    "PROBE_SECONDS": "2",
    "BREAKER_OPEN_SECONDS": "3",
    "AUTHENTICATION_SECONDS": "15",
    "ACCESS_TOKEN_SECONDS": "86400",
    "THROTTLE_PROCESSING_PER_HOUR": "10000000",
    "THROTTLE_WEBHOOKS_PER_HOUR": "10000000",
    "WEBHOOK_RETRY_SECONDS": "1,2,3,5",
    "WEBHOOK_QUESTION_SECONDS": "10",
    "PROCESSOR_LIST_SECONDS": "6",
    # Longer than anything is late here, and less than a run: what a sync has lost stays lost.
    "SYNC_OVERLAP_SECONDS": "30",
    "SYNC_JOB_SECONDS": "10",
    "SYNC_REQUEST_SECONDS": "5",
    "JOB_LEASE_SECONDS": "10",
    "STATIC_MANIFEST": "false",
    "ENVIRONMENT": "sandbox",
    "SIMULATED_PROCESSORS": "true",
    "STRIPE_SECRET_KEY": PLATFORM_SECRET,
    "STRIPE_ACCOUNT_ID": PLATFORM_ACCOUNT,
    "CURRENCIES": ",".join(CURRENCIES),
}


class World:
    """The product of one source tree, running."""

    def __init__(self, source: Path, home: Path) -> None:
        self.source = source
        self.home = home
        self.port, simulator_port = _find_ports()
        self.url = f"http://{HOST}:{self.port}"
        self.simulator = Simulator(f"http://{HOST}:{simulator_port}")
        self.environment = self._build_environment(simulator_port)
        self.pace = 1.0
        self.repeat_window_seconds = REPEAT_WINDOW_SECONDS
        self.processes: dict[str, ProcfileProcess] = {}
        self.people: dict[str, Any] = {}
        self.ended: Counter[str] = Counter()
        # A process ends with the thread that started it (PR_SET_PDEATHSIG): this one stays.
        self._parent = ThreadPoolExecutor(1)

    def start(self, plan: Plan) -> None:
        """Bring everything up, with the people of the plan and no faults yet."""
        self._start_process("simulator")
        began = time.monotonic()
        self.run("python manage.py migrate --no-input --verbosity 0")
        pace = (time.monotonic() - began) / _QUICK_MIGRATION_SECONDS
        self._set_pace(pace, payments=len(plan.payments))
        for name in ("web", *WORKERS, "beat"):
            self._start_process(name)
        wait_until(self.simulator.is_up, "the simulator")
        self._open_accounts()
        # Nothing goes wrong yet, so on a busy machine an answer may take its time.
        populate = 'PROCESSOR_TIMEOUT_SECONDS=60 python -m tests.chaos.populate "$1"'
        wanted = {"visits": _collect_visits(plan), "reads_lists": plan.reads_lists}
        printed = self.run(populate, json.dumps(wanted))
        self.people = json.loads(printed.splitlines()[-1])
        wait_until(self.is_ready, "the product")
        self.simulator.set_event_policy(plan.events)

    def _set_pace(self, pace: float, *, payments: int) -> None:
        """On a machine that is busy elsewhere, a charge may be repeated for longer.

        Or it would be left to a person before it could be asked about.
        """
        self.pace = min(max(pace, 1.0), _SLOWEST_PACE)
        seconds = max(REPEAT_WINDOW_SECONDS, _REPEAT_SECONDS_PER_PAYMENT * payments)
        self.repeat_window_seconds = seconds * self.pace
        for processor in ("STRIPE", "SQUARE"):
            name = f"{processor}_REPEAT_WINDOW_SECONDS"
            self.environment[name] = str(self.repeat_window_seconds)

    def stop(self) -> None:
        """Nothing is left to save: the home is thrown away."""
        for process in self.processes.values():
            process.kill_all()
        self._parent.shutdown()

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/ready", trust_env=False, timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def run(
        self, command: str, *arguments: str, may_fail: bool = False, seconds: float = 120
    ) -> str:
        """Run a command of the product to its end; returns what it prints.

        :raises RuntimeError: it failed, unless it may.
        """
        done = subprocess.run(
            ["/bin/sh", "-c", command, "sh", *arguments],
            cwd=self.source,
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
        if done.returncode and not may_fail:
            raise RuntimeError(f"{command} failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout if not done.returncode else f"{done.stdout}{done.stderr}"

    def restart(self, name: str) -> None:
        self._parent.submit(self.processes[name].restart).result()

    def revive(self) -> None:
        """Start again what ended by itself, as any process manager does.

        Celery's worker does when its first child is killed while it starts.
        """
        for name, process in self.processes.items():
            if not process.is_running():
                self.ended[name] += 1
                process.kill_all()
                self.restart(name)

    def stop_postgres_hard(self) -> None:
        """Immediate shutdown: no checkpoint, connections cut; the next start recovers."""
        place = find_place(self.home)
        pid = read_pid(place.postgres_data / "postmaster.pid")
        if pid is None:
            raise RuntimeError("PostgreSQL does not run")
        os.kill(pid, signal.SIGQUIT)
        wait_until(lambda: not Path(f"/proc/{pid}").exists(), "PostgreSQL's end")

    def start_postgres(self) -> None:
        Postgres(find_place(self.home)).ensure_running()

    def empty_redis(self) -> None:
        with redis.Redis.from_url(self.environment["REDIS_URL"]) as client:
            client.flushall()

    def _start_process(self, name: str) -> None:
        self.processes[name] = self._parent.submit(
            ProcfileProcess,
            read_procfile(self.source)[name],
            source=self.source,
            environment=self.environment,
            log=self.home / f"{name}.out",
        ).result()

    def _open_accounts(self) -> None:
        self.simulator.put_account(
            "stripe", PLATFORM_ACCOUNT, secret=PLATFORM_SECRET, name="Platform",
            currencies=CURRENCIES, default_currency="USD",
        )  # fmt: skip
        for spec in BARBERS:
            for processor in spec.processors:
                self.simulator.put_account(
                    processor,
                    spec.get_account_id(processor),
                    secret=spec.get_secret(processor),
                    name=spec.login,
                    currencies=[spec.currency],
                )

    def _build_environment(self, simulator_port: int) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return {
            **SETTINGS,
            "PATH": path,
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(self.home),
            "DJANGO_SETTINGS_MODULE": "bookedbarber.settings",
            "BOOKEDBARBER_HOME": str(self.home),
            "PORT": str(self.port),
            "SIMULATOR_PORT": str(simulator_port),
            "DATABASE_URL": database_url(self.home),
            "REDIS_URL": redis_url(self.home),
            "CELERY_BROKER_URL": broker_url(self.home),
        }


@contextmanager
def open_world(source: Path, plan: Plan, *, keep: bool = False) -> Iterator[World]:
    """A world for the length of the block; with `keep` its home stays afterwards."""
    home = Path(tempfile.mkdtemp(prefix="bookedbarber-chaos-")).resolve()
    home.chmod(0o755)  # PostgreSQL's own user must get in when we are root
    try:
        with ExitStack() as stack:
            stack.enter_context(services(home))
            world = World(source, home)
            stack.callback(world.stop)
            world.start(plan)
            yield world
    finally:
        if keep:
            print(f"Kept: {home}", file=sys.stderr)
        else:
            shutil.rmtree(elsewhere(home), ignore_errors=True)
            shutil.rmtree(home, ignore_errors=True)


def _collect_visits(plan: Plan) -> dict[str, dict[str, int]]:
    visits: dict[str, dict[str, int]] = {}
    for payment in plan.payments:
        if payment.visit is not None:
            price_minor = payment.amount_minor - payment.tip_minor
            visits.setdefault(payment.barber, {})[str(payment.visit)] = price_minor
    return visits


def _find_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        first.bind((HOST, 0))
        second.bind((HOST, 0))
        return first.getsockname()[1], second.getsockname()[1]
