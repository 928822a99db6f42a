"""Whether a local address answers. Not through urllib: a proxy in the environment is not for us."""

import http.client

from bookedbarber.launch.ports import HOST

TIMEOUT_SECONDS = 10


def get_status(port: int, path: str, *, host: str = HOST) -> int | None:
    """Return the HTTP status of a GET on the loopback address; None when nobody answers."""
    connection = http.client.HTTPConnection(HOST, port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", path, headers={"Host": host})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def choose_host(allowed_hosts: list[str], port: int) -> str:
    """Return a Host header that Django's ALLOWED_HOSTS lets through."""
    if not allowed_hosts or {"*", HOST} & set(allowed_hosts):
        return f"{HOST}:{port}"
    return allowed_hosts[0].lstrip(".")
