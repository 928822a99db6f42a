"""Is a server there? Asked by connecting; a pid file only says whom to suspect."""

import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PAUSE_SECONDS = 0.02
MAC_LOCAL_PEERPID = 2  # <sys/un.h> on macOS


def is_listening(path: Path) -> bool:
    """Say whether a process answers on this unix socket."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Wait for `condition`; return whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE_SECONDS)
    return True


def read_pid(pid_file: Path) -> int | None:
    """Return the process a pid file names; None when there is no such file or number."""
    try:
        return int(pid_file.read_text(encoding="ascii").split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def runs_in(pid: int, folder: Path) -> bool:
    """Say whether a process lives and was started for `folder`: pids are used again."""
    return os.fsencode(folder) in _command_of(pid)


def stop_listener(path: Path) -> None:
    """Kill the process that listens on a socket; for servers whose folder was deleted."""
    pid = _listener(path)
    if pid is None:
        return
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    wait_until(lambda: not is_listening(path), seconds=10)


def _command_of(pid: int) -> bytes:
    proc = Path("/proc")
    if (proc / "self" / "cmdline").exists():
        try:
            return (proc / str(pid) / "cmdline").read_bytes()
        except OSError:
            return b""
    listing = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)], check=False, capture_output=True
    )
    return listing.stdout


def _listener(path: Path) -> int | None:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        try:
            client.connect(str(path))
            if sys.platform == "darwin":
                answer = client.getsockopt(0, MAC_LOCAL_PEERPID, 4)
                return int(struct.unpack("i", answer)[0])
            answer = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        except OSError:
            return None
    return int(struct.unpack("3i", answer)[0]) or None
