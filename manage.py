#!/usr/bin/env python
"""Django's command line, with PostgreSQL and Redis up when no address for them is set."""

import os
import signal
import sys

from bookedbarber import embedded
from bookedbarber.environment import get_home, load_env_file

# These touch neither database nor Redis; starting servers for them would only cost time.
WITHOUT_SERVICES = frozenset(
    {
        "collectstatic",
        "compilemessages",
        "diffsettings",
        "findstatic",
        "help",
        "makemessages",
        "processor_simulator",
        "spectacular",
        "startapp",
        "startproject",
        "version",
    }
)


def main() -> None:
    load_env_file()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookedbarber.settings")
    servers = embedded.needed_servers() if _needs_services(sys.argv[1:]) else frozenset()
    if servers:
        # Without this SIGTERM would end us before the servers are stopped.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with embedded.services(get_home(), servers=servers):
            _run_command()
    except embedded.EmbeddedServiceError as error:
        sys.exit(str(error))


def _needs_services(arguments: list[str]) -> bool:
    if not arguments or arguments[0].startswith("-"):
        return False
    return arguments[0] not in WITHOUT_SERVICES and not {"-h", "--help"} & set(arguments)


def _run_command() -> None:
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
