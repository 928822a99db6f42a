"""Posting one webhook to a program on this machine, and nowhere else."""

import http.client
import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The status that came back, or why none did."""

    status: int | None
    error: str | None = None

    @property
    def is_accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def post(url: str, body: bytes, headers: dict[str, str]) -> Outcome:
    """Post to a loopback address; redirects are not followed, as at both vendors."""
    parts = urlsplit(url)
    try:
        address = _find_loopback(parts.hostname or "", parts.port or 80)
        connection = http.client.HTTPConnection(address, parts.port or 80, timeout=TIMEOUT_SECONDS)
    except (OSError, ValueError) as error:
        return Outcome(None, str(error))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body, {**headers, "Host": parts.netloc})
        response = connection.getresponse()
        response.read()
        return Outcome(response.status)
    except (OSError, http.client.HTTPException) as error:
        return Outcome(None, f"{type(error).__name__}: {error}")
    finally:
        connection.close()


def _find_loopback(host: str, port: int) -> str:
    """The address behind the name, if every address behind it is this machine.

    :raises ValueError: one of them is not.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not all(ipaddress.ip_address(address).is_loopback for address in addresses):
        raise ValueError(f"{host} is not this machine; webhooks are delivered to loopback only")
    return addresses[0]
