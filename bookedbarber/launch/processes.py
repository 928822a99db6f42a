"""The Procfile's processes: each in its own session, output to our terminal or to a file."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from honcho.environ import parse_procfile

from bookedbarber.environment import ROOT

NAME_WIDTH = 9
TAIL_LINES = 40


class Process:
    """One running process and what it said last."""

    def __init__(
        self, name: str, command: str, *, log: Path | None = None, is_plain: bool = False
    ) -> None:
        """The output goes to `log`, or as it is to our terminal, or there behind the name."""
        self.name = name
        self.log = log
        self._popen = _start(command, log, is_plain=is_plain)
        self._reader = self._relay(self._popen.stdout) if self._popen.stdout else None

    def poll(self) -> int | None:
        """Return the exit status, or None while it runs."""
        return self._popen.poll()

    def ask_to_stop(self) -> None:
        """Send SIGTERM to the process itself: it tells its own children, and drains."""
        if self.poll() is None:
            self._popen.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and its children at once."""
        try:
            os.killpg(self._popen.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return

    def close(self) -> None:
        """Collect the exit status and the last of the output."""
        self._popen.wait()
        if self._reader:
            # Something it left behind may hold the pipe open: what is said later is not ours.
            self._reader.join(timeout=1)

    def tail(self) -> str:
        """Return its last lines when they went to a file; on a terminal they were seen."""
        if self.log is None:
            return ""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-TAIL_LINES:])

    def _relay(self, output: IO[bytes]) -> threading.Thread:
        reader = threading.Thread(target=_relay, args=(self.name, output), daemon=True)
        reader.start()
        return reader


def read_procfile() -> dict[str, str]:
    """Return the commands by process name, in the order they start."""
    text = (ROOT / "Procfile").read_text(encoding="utf-8")
    return dict(parse_procfile(text).processes)


def _start(command: str, log: Path | None, *, is_plain: bool) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, "-m", "bookedbarber.launch.child", command]
    if log is None:
        return _popen(arguments, None if is_plain else subprocess.PIPE)
    with log.open("wb") as output:
        return _popen(arguments, output)


def _popen(arguments: list[str], output: int | IO[bytes] | None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        arguments,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=None if output is None else subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C is for us; we stop them in order
    )


def _relay(name: str, output: IO[bytes]) -> None:
    terminal_is_open = True
    with output:
        for line in output:
            text = line.decode("utf-8", errors="replace").rstrip("\n")
            if terminal_is_open:
                terminal_is_open = _print_line(f"{name:<{NAME_WIDTH}} | {text}")


def _print_line(text: str) -> bool:
    try:
        print(text, flush=True)
    except (OSError, ValueError):
        return False  # `bin/run | head`: keep reading, or the process blocks on a full pipe
    return True
