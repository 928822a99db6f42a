"""The stages of a start, in order: simulator and tables, then web and workers, then demo data."""

import os
import sys
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from bookedbarber.launch.answers import choose_host, get_status
from bookedbarber.launch.ports import Ports
from bookedbarber.launch.preparation import is_static_outdated, remember_static
from bookedbarber.launch.processes import read_procfile
from bookedbarber.launch.supervision import Supervisor

SIMULATOR_SECONDS = 60
READY_SECONDS = 120


def export_surroundings(home: Path, ports: Ports) -> None:
    """Give every process we start the same home, ports, programs and settings."""
    ports.export()
    os.environ["BOOKEDBARBER_HOME"] = str(home)
    os.environ["PATH"] = os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    )
    os.environ["PYTHONUNBUFFERED"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookedbarber.settings")


def is_simulated() -> bool:
    """Say whether any processor is the simulator rather than the real one."""
    return any(base.startswith(_simulator_url()) for base in _processor_addresses())


def is_demo() -> bool:
    """Say whether every processor is simulated, so demo sales reach nobody real."""
    return all(base.startswith(_simulator_url()) for base in _processor_addresses())


def start_everything(supervisor: Supervisor, home: Path, ports: Ports) -> None:
    """Return when the site answers.

    :raises LaunchError: a step fails or a process dies.
    :raises StopRequested: a signal arrived.
    """
    procfile = read_procfile()
    say("Preparing the database")
    if is_simulated():
        supervisor.start("simulator", procfile["simulator"])
    _prepare_database(supervisor)
    _collect_static_files(supervisor, home)
    say("Starting web, workers and beat")
    for name in ("web", "worker", "outcomes", "beat"):
        supervisor.start(name, procfile[name])
    if is_simulated():
        _wait_for_simulator(supervisor, ports)
    supervisor.run("groups", "python manage.py seed_groups")
    if is_demo():
        # It opens the platform's simulated account before it connects it.
        say("Loading demo data, unless they are there")
        supervisor.run("demo", "python manage.py load_demo")
    else:
        supervisor.run("connect", "python manage.py connect_platform")
    wait_until_ready(supervisor, ports)


def say(what: str) -> None:
    """Tell the person waiting what takes time now; nobody may be reading."""
    with suppress(OSError, ValueError):
        print(f"{what} …", flush=True)


def wait_until_ready(supervisor: Supervisor, ports: Ports) -> None:
    """Wait until /ready says 200.

    :raises TookTooLong: it does not in time.
    """
    host = choose_host(settings.ALLOWED_HOSTS, ports.web)
    supervisor.wait_for(
        lambda: get_status(ports.web, "/ready", host=host) == 200,
        what=f"{ports.web_url}/ready",
        seconds=READY_SECONDS,
    )


def _prepare_database(supervisor: Supervisor) -> None:
    supervisor.run("migrate", "python manage.py migrate --no-input --verbosity 0")


def _collect_static_files(supervisor: Supervisor, home: Path) -> None:
    if is_static_outdated(home):
        supervisor.run("static", "python manage.py collectstatic --no-input --verbosity 0")
        remember_static(home)


def _wait_for_simulator(supervisor: Supervisor, ports: Ports) -> None:
    supervisor.wait_for(
        lambda: get_status(ports.simulator, "/") is not None,
        what=f"The processor simulator at {ports.simulator_url}",
        seconds=SIMULATOR_SECONDS,
    )


def _processor_addresses() -> list[str]:
    return [settings.STRIPE_API_BASE, settings.SQUARE_API_BASE]


def _simulator_url() -> str:
    return str(settings.SIMULATOR_URL)
