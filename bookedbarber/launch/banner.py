"""What a person reads when everything is up."""

from django.conf import settings

from bookedbarber.launch.ports import Ports
from bookedbarber.launch.stages import is_demo, is_simulated

DEMO_LOGINS = ("admin", "owner", "central", "square", "stripe", "hybrid", "client")


def describe(ports: Ports) -> str:
    lines = ["", f"BookedBarber is ready: {ports.web_url}"]
    if is_simulated():
        lines.append(f"Simulated processors:  {ports.simulator_url} (no real money moves)")
    if is_demo():
        lines.append(f"Demo logins, all with the password {settings.DEMO_PASSWORD}")
        lines += [f"  {name}@bookedbarber.test" for name in DEMO_LOGINS]
    return "\n".join([*lines, "Ctrl-C stops it.", ""])
