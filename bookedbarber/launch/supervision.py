"""Starts processes, notices when one dies, and stops them in order."""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from bookedbarber.launch.errors import LaunchError, ProcessDied, StopRequested, TookTooLong
from bookedbarber.launch.processes import Process

PAUSE_SECONDS = 0.05
# Drained in this order: no new requests, then no new tasks, then what both of them call.
STOP_SECONDS = {"web": 35, "worker": 60, "outcomes": 60, "beat": 10, "simulator": 10}
HARD_STOP = 2  # signals


class Supervisor:
    """Keeps our processes, from their start to their orderly end."""

    def __init__(self, logs: Path | None = None) -> None:
        """With `logs` the output goes to a file for each process, else to our terminal."""
        self._logs = logs
        self._processes: dict[str, Process] = {}
        self._signals = 0
        if logs:
            logs.mkdir(parents=True, exist_ok=True)

    def listen_to_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def start(self, name: str, command: str, *, is_plain: bool = False) -> Process:
        log = self._logs / f"{name}.log" if self._logs and not is_plain else None
        self._processes[name] = Process(name, command, log=log, is_plain=is_plain)
        return self._processes[name]

    def run(self, name: str, command: str, *, is_plain: bool = False) -> None:
        """Run a command to its end while watching the others; plain: its output as it is.

        :raises LaunchError: it fails.
        :raises ProcessDied: another process ends meanwhile.
        """
        process = self.start(name, command, is_plain=is_plain)
        self.wait_for(lambda: process.poll() is not None, finite=name)
        process.close()
        del self._processes[name]
        if process.poll() != 0:
            raise LaunchError(f"{name} failed (exit status {process.poll()}).\n{process.tail()}")

    def wait_for(
        self,
        condition: Callable[[], bool],
        *,
        what: str = "",
        seconds: float | None = None,
        finite: str = "",
    ) -> None:
        """Wait until `condition` is true; only the process named `finite` may end meanwhile.

        :raises StopRequested: a signal arrived.
        :raises ProcessDied: a process ended.
        :raises TookTooLong: `seconds` have passed.
        """
        deadline = time.monotonic() + seconds if seconds else None
        while not condition():
            if self._signals:
                raise StopRequested
            self._raise_if_dead(except_for=finite)
            if deadline and time.monotonic() > deadline:
                raise TookTooLong(f"{what} did not answer within {seconds:.0f} seconds.")
            time.sleep(PAUSE_SECONDS)

    def watch(self) -> None:
        """Wait until a process dies or somebody asks us to stop.

        :raises StopRequested: a signal arrived.
        :raises ProcessDied: a process ended.
        """
        self.wait_for(lambda: False)

    def stop_all(self) -> None:
        """Drain one after the other; what is late, or a second signal, kills."""
        known = [name for name in STOP_SECONDS if name in self._processes]
        others = [name for name in self._processes if name not in STOP_SECONDS]
        for name in others + known:
            self._stop(self._processes.pop(name), STOP_SECONDS.get(name, 10))

    def tails(self) -> str:
        """Return the last lines of every log, for a failure nobody saw on a terminal."""
        parts = [
            f"── {process.log} ──\n{process.tail()}"
            for process in self._processes.values()
            if process.log and process.tail()
        ]
        return "\n".join(parts)

    def _stop(self, process: Process, seconds: float) -> None:
        process.ask_to_stop()
        deadline = time.monotonic() + seconds
        while process.poll() is None:
            if self._signals >= HARD_STOP or time.monotonic() > deadline:
                break
            time.sleep(PAUSE_SECONDS)
        process.kill()  # also what it left behind
        process.close()

    def _raise_if_dead(self, *, except_for: str) -> None:
        for name, process in self._processes.items():
            if name != except_for and process.poll() is not None:
                process.close()
                status = process.poll()
                raise ProcessDied(
                    f"The process {name} ended (exit status {status}).\n{process.tail()}".rstrip()
                )

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1
