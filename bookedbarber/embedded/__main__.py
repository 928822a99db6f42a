"""For developers: `python -m bookedbarber.embedded status | stop | psql … | exec -- CMD …`."""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bookedbarber.embedded import EmbeddedServiceError, services, socket_folder
from bookedbarber.embedded.addresses import DATABASE, DATABASE_USER, get_missing_addresses
from bookedbarber.embedded.lifetime import list_running, stop_unused
from bookedbarber.embedded.places import find_place
from bookedbarber.embedded.programs import find_postgres_program
from bookedbarber.environment import get_home, load_env_file


def main() -> int:
    load_env_file()
    parser = _build_parser()
    options, rest = parser.parse_known_args()
    try:
        return options.act(get_home(), rest)  # type: ignore[no-any-return]
    except EmbeddedServiceError as error:
        print(error, file=sys.stderr)
        return 1


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bookedbarber.embedded", description=__doc__)
    acts: dict[str, tuple[Callable[[Path, list[str]], int], str]] = {
        "status": (show_status, "say which servers run, and where their data are"),
        "stop": (stop, "stop servers that a killed process left behind"),
        "psql": (run_psql, "open psql; further arguments go to it"),
        "exec": (run_command, "run a command with the servers up and their addresses exported"),
    }
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (act, explanation) in acts.items():
        commands.add_parser(name, help=explanation, add_help=False).set_defaults(act=act)
    return parser


def show_status(home: Path, _rest: list[str]) -> int:
    for name, is_running in list_running(home).items():
        print(f"{name}: {'running' if is_running else 'stopped'}")
    print(f"data: {find_place(home).base}\nsockets: {socket_folder(home)}")
    return 0


def stop(home: Path, _rest: list[str]) -> int:
    if stop_unused(home):
        return 0
    print("Somebody still uses the servers; they stop when the last one leaves.", file=sys.stderr)
    return 1


def run_psql(home: Path, rest: list[str]) -> int:
    program = find_postgres_program("psql", find_place(home).account)
    target = ["-h", str(socket_folder(home)), "-p", "5432", "-U", DATABASE_USER, "-d", DATABASE]
    return _run_with_services(home, [str(program), *target, *rest])


def run_command(home: Path, rest: list[str]) -> int:
    command = rest[1:] if rest[:1] == ["--"] else rest
    if not command:
        raise EmbeddedServiceError("Which command? python -m bookedbarber.embedded exec -- CMD …")
    return _run_with_services(home, command)


def _run_with_services(home: Path, command: list[str]) -> int:
    with services(home):
        environment = os.environ | get_missing_addresses(home) | {"BOOKEDBARBER_HOME": str(home)}
        try:
            child = subprocess.Popen(command, env=environment)
        except OSError as error:
            print(f"{command[0]}: {error.strerror}", file=sys.stderr)
            return 127
        # Ctrl-C reaches the command too, and psql only drops a line on it: it decides, we wait.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        status = child.wait()
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main())
