"""Which ports we listen on, and whether they are free."""

import os
import socket
from dataclasses import dataclass

from bookedbarber.launch.errors import LaunchError

HOST = "127.0.0.1"
DEFAULT_PORT = 8000


@dataclass(frozen=True, slots=True)
class Ports:
    """Where web and the processor simulator listen, on the loopback address."""

    web: int
    simulator: int

    @property
    def web_url(self) -> str:
        return f"http://{HOST}:{self.web}"

    @property
    def simulator_url(self) -> str:
        return f"http://{HOST}:{self.simulator}"

    def export(self) -> None:
        """Tell every process we start."""
        os.environ["PORT"] = str(self.web)
        os.environ["SIMULATOR_PORT"] = str(self.simulator)


def read_ports() -> Ports:
    """Read PORT [8000] and SIMULATOR_PORT [PORT + 1].

    :raises LaunchError: one of them is not a port, or both are the same.
    """
    web = _read_port("PORT", DEFAULT_PORT)
    simulator = _read_port("SIMULATOR_PORT", web + 1)
    if web == simulator:
        raise LaunchError(f"PORT and SIMULATOR_PORT are both {web}: they must differ.")
    return Ports(web, simulator)


def check_ports_are_free(ports: Ports) -> None:
    """Look before anything is started.

    :raises LaunchError: one is taken; the message names it and its variable.
    """
    for variable, port in (("PORT", ports.web), ("SIMULATOR_PORT", ports.simulator)):
        if not is_free(port):
            raise LaunchError(
                f"Port {port} ({variable}) is taken: stop what listens there, or choose another "
                f"with {variable}=…"
            )


def find_free_ports() -> Ports:
    """Return two ports nobody listens on now."""
    with socket.socket() as first, socket.socket() as second:
        first.bind((HOST, 0))
        second.bind((HOST, 0))
        return Ports(first.getsockname()[1], second.getsockname()[1])


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As gunicorn does: a port in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _read_port(variable: str, default: int) -> int:
    text = os.environ.get(variable) or str(default)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise LaunchError(f"{variable}={text} is not a port: use a number from 1 to 65535.")
    return int(text)
