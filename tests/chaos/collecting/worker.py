"""One process of the product that works in its role, over and over, until it is killed.

Its folder has the clock, the plan and who is who. There the worker writes after each pass how far
it is, so that a killer knows when it works and the run when nothing is left. What goes wrong is
written down and is a finding: nobody's work may end with an error.
"""

import json
import os
import time
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookedbarber.settings")
django.setup()

from tests.chaos.collecting import duties  # noqa: E402
from tests.chaos.collecting.files import put  # noqa: E402
from tests.chaos.collecting.weeks import PHASES, Moment, read_moment  # noqa: E402

_PAUSE_SECONDS = 0.05
Duty = Callable[[Moment, datetime], int]


def work(name: str, folder: Path) -> NoReturn:
    """`name` is a role and a number: builder-3."""
    role, _, number = name.partition("-")
    duty = duties.create_duty(role, int(number), folder)
    status = Status(folder, name)
    while True:
        moment = read_moment(folder)
        if role in PHASES[moment.phase]:
            _work(duty, moment, status)
        else:
            time.sleep(_PAUSE_SECONDS)


def _work(duty: Duty, moment: Moment, status: "Status") -> None:
    status.begin(moment)
    try:
        done = duty(moment, moment.now())
    except Exception:  # noqa: BLE001 - it is written down, and the run is a failure
        status.complain(traceback.format_exc())
        done = 1
    status.end(moment, done)
    if not done:
        time.sleep(_PAUSE_SECONDS)


class Status:
    """Whether it works, and what the last pass of this round has done; a small file of its own."""

    def __init__(self, folder: Path, name: str) -> None:
        self._file = folder / f"{name}.status"
        self._errors = folder / f"{name}.errors"
        self._last = (-1, 0)

    def begin(self, moment: Moment) -> None:
        number, done = self._last
        self._write(moment, is_busy=True, done=done if number == moment.round else None)

    def end(self, moment: Moment, done: int) -> None:
        self._last = moment.round, done
        self._write(moment, is_busy=False, done=done)

    def complain(self, words: str) -> None:
        with self._errors.open("a", encoding="utf-8") as file:
            file.write(json.dumps(words) + "\n")

    def _write(self, moment: Moment, *, is_busy: bool, done: int | None) -> None:
        put(self._file, {"round": moment.round, "is_busy": is_busy, "done": done})
