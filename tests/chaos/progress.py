"""What a run is doing, told on stderr every few seconds to a person who watches."""

import sys
import threading
import time
from collections.abc import Callable

EVERY_SECONDS = 5.0


class Progress(threading.Thread):
    """Call `enter` at each new phase, `count` at each payment that is done.

    `watch` says what else is known at the moment, such as faults hit.
    """

    def __init__(self, *, name: str, payments: int) -> None:
        super().__init__(daemon=True)
        self.watch: Callable[[], str] = str
        self._name = name
        self._payments = payments
        self._done = 0
        self._phase = "start"
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(EVERY_SECONDS):
            self._tell()

    def enter(self, phase: str) -> None:
        self._phase = phase
        self._tell()

    def note(self, what: str) -> None:
        """Say this from now on instead of what `watch` says."""
        self.watch = lambda: what

    def count(self) -> None:
        with self._lock:
            self._done += 1

    def stop(self) -> None:
        self._over.set()

    def _tell(self) -> None:
        seconds = time.monotonic() - self._began
        line = f"{self._name} {seconds:4.0f} s  {self._phase:10}"
        line += f"{self._done:5} of {self._payments} payments  {self.watch()}"
        print(line.rstrip(), file=sys.stderr, flush=True)
