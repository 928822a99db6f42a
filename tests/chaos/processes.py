"""The Procfile's processes of a source tree: started, killed by pid, started again."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from honcho.environ import parse_procfile


def read_procfile(source: Path) -> dict[str, str]:
    return dict(parse_procfile((source / "Procfile").read_text(encoding="utf-8")).processes)


class ProcfileProcess:
    """One line of the Procfile. It ends with us: the product's launcher sees to that."""

    def __init__(
        self, command: str, *, source: Path, environment: dict[str, str], log: Path
    ) -> None:
        self._command = [sys.executable, "-m", "bookedbarber.launch.child", command]
        self._source = source
        self._environment = environment
        self._log = log
        self._popen = self._start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    def is_running(self) -> bool:
        return self._popen.poll() is None

    def has_said(self, words: str) -> bool:
        """Whether it has written this since it was last started."""
        with self._log.open("rb") as written:
            written.seek(self._began_at)
            return words.encode() in written.read()

    def restart(self) -> None:
        self._popen = self._start()

    def kill_all(self) -> int:
        """Kill -9 the process and all below it, each by its pid; returns how many."""
        pids = [self.pid, *list_below(self.pid)]
        for pid in pids:
            kill(pid)
        self._popen.wait()
        return len(pids)

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as output:
            self._began_at = output.tell()
            return subprocess.Popen(
                self._command,
                cwd=self._source,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


def list_below(pid: int) -> list[int]:
    """All descendants, the nearest first."""
    found = []
    for child in _list_children(pid):
        found += [child, *list_below(child)]
    return found


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _list_children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = " ".join((task / "children").read_text() for task in tasks)
    except OSError:
        return []
    return [int(child) for child in children.split()]
