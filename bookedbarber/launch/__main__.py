"""Start BookedBarber and keep it running until it is told to stop."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from bookedbarber import embedded
from bookedbarber.embedded.addresses import export_addresses
from bookedbarber.environment import get_home, load_env_file
from bookedbarber.launch import banner, checking, instances, stages
from bookedbarber.launch.errors import LaunchError, StopRequested
from bookedbarber.launch.ports import Ports, check_ports_are_free, read_ports
from bookedbarber.launch.supervision import Supervisor


def main() -> int:
    """Return 0 after a requested stop or a good check, 1 when something failed."""
    load_env_file()
    is_check = _parse_arguments().check
    try:
        if is_check:
            _check(get_home())
        else:
            _run(get_home())
    except StopRequested:
        return 1 if is_check else 0
    except (LaunchError, embedded.EmbeddedServiceError, ImproperlyConfigured) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _run(home: Path) -> None:
    ports = read_ports()
    supervisor = Supervisor()
    with _everything(supervisor, home, ports):
        print(banner.describe(ports), flush=True)
        supervisor.watch()


def _check(home: Path) -> None:
    running = instances.find_running(home)
    if running:
        print(f"BookedBarber already runs from {home}: checking {running.web_url}.", flush=True)
        _check_running(home, running)
        return
    ports = checking.choose_ports(read_ports())
    supervisor = Supervisor(logs=home / "logs")
    with _everything(supervisor, home, ports):
        try:
            checking.check_main_job(supervisor, ports)
        except LaunchError:
            print(supervisor.tails(), file=sys.stderr)
            raise


def _check_running(home: Path, ports: Ports) -> None:
    supervisor = Supervisor()
    supervisor.listen_to_signals()
    stages.export_surroundings(home, ports)
    try:
        stages.wait_until_ready(supervisor, ports)
        checking.check_main_job(supervisor, ports)
    finally:
        supervisor.stop_all()


@contextmanager
def _everything(supervisor: Supervisor, home: Path, ports: Ports) -> Iterator[None]:
    """Have the whole site up inside the block; drain it, services last, on leaving."""
    with instances.claim(home, ports):
        check_ports_are_free(ports)
        supervisor.listen_to_signals()
        with embedded.services(home, servers=embedded.needed_servers()):
            export_addresses(home)
            stages.export_surroundings(home, ports)
            try:
                stages.start_everything(supervisor, home, ports)
                yield
            finally:
                stages.say("Stopping")
                supervisor.stop_all()


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/run",
        description=__doc__,
        epilog="PORT [8000], SIMULATOR_PORT [PORT + 1], BOOKEDBARBER_HOME [.local] and everything "
        "in .env.example may be set in the environment or in .env.",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="start, run the main job end to end over HTTP, stop, and exit 0 or 1; "
        "an instance that already runs from the same home is used as it is",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
