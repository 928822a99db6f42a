"""`bin/run --check`: the main job end to end over HTTP."""

import os

from bookedbarber.launch.ports import Ports, check_ports_are_free, find_free_ports, is_free
from bookedbarber.launch.supervision import Supervisor


def choose_ports(wanted: Ports) -> Ports:
    """Return the ports to check on: those wished for, or free ones when nobody wished.

    :raises LaunchError: the ports wished for are taken.
    """
    if is_free(wanted.web) and is_free(wanted.simulator):
        return wanted
    if os.environ.get("PORT") or os.environ.get("SIMULATOR_PORT"):
        check_ports_are_free(wanted)
    free = find_free_ports()
    print(f"Port {wanted.web} or {wanted.simulator} is taken: using {free.web}.", flush=True)
    return free


def check_main_job(supervisor: Supervisor, ports: Ports) -> None:
    """Drive the main job and print what happens.

    :raises LaunchError: it does not come out right.
    """
    command = f"python manage.py check_main_job --url {ports.web_url}"
    supervisor.run("check_main_job", command, is_plain=True)
