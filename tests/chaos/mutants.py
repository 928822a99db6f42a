"""Planting defects, one at a time, in copies of the source; a run must find each.

The source itself must pass with the same plans, or finding a defect would prove nothing.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.chaos.mutant_parts import COLLECTIONS, SYNC, Mutant
from tests.chaos.mutant_table import MUTANTS
from tests.chaos.report import FAIL, PASS

_MOST_SHOWN = 8
_WIDTH = 38
# Past transactions are cheap: so many are read for each payment of the other mutants.
_TRANSACTIONS_FOR_EACH = 50
# Of each barber two collections are taken, and something is sold for each.
_PAYMENTS_FOR_A_BARBER = 8
_NO_REPORT: dict[str, Any] = {"verdict": "no report", "findings": [], "unproven": []}
_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".local", "__pycache__", ".*_cache")


class TextNotFound(LookupError):
    """The text a mutant replaces is not in its file exactly once."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One run: of a mutant, or of the source as it is."""

    name: str
    lean: str
    mutant: Mutant | None = None

    @property
    def wanted(self) -> str:
        return PASS if self.mutant is None else FAIL


def run_mutants(names: list[str], *, source: Path, payments: int, seed: int, at_once: int) -> int:
    """Run each, print a line for each; returns the exit status: 0 when all went as they must.

    :raises SystemExit: a name that no mutant has.
    :raises TextNotFound: before anything runs, for all that are chosen.
    """
    if unknown := set(names) - {mutant.name for mutant in MUTANTS}:
        raise SystemExit(f"There is no mutant {', '.join(sorted(unknown))}.")
    chosen = [mutant for mutant in MUTANTS if not names or mutant.name in names]
    for mutant in chosen:
        check_texts(mutant, source)
    clean = [
        Trial(f"no defect, {lean}", lean) for lean in sorted({mutant.lean for mutant in chosen})
    ]
    trials = [*clean, *(Trial(mutant.name, mutant.lean, mutant) for mutant in chosen)]
    started = time.monotonic()
    with ThreadPoolExecutor(at_once) as pool, _Laboratory(source, payments, seed) as laboratory:
        went_well = list(pool.map(laboratory.try_out, trials))
    found = sum(went_well[len(clean) :])
    print(
        f"{found} of {len(chosen)} mutants were found, the source passed "
        f"{sum(went_well[: len(clean)])} of {len(clean)} times; "
        f"{time.monotonic() - started:.0f} s with seed {seed}"
    )
    return 0 if all(went_well) else 1


def check_texts(mutant: Mutant, source: Path) -> None:
    """
    :raises TextNotFound: the source has changed; the mutant must be written anew.
    """
    for edit in mutant.edits:
        count = (source / edit.path).read_text(encoding="utf-8").count(edit.before)
        if count != 1:
            raise TextNotFound(f"{mutant.name}: {edit.path} has {count} times {edit.before!r}")


def plant(mutant: Mutant, source: Path) -> None:
    """
    :raises TextNotFound: as `check_texts`.
    """
    check_texts(mutant, source)
    for edit in mutant.edits:
        path = source / edit.path
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(edit.before, edit.after), encoding="utf-8")


class _Laboratory:
    """Tries things out in processes of their own, and ends them when it is left."""

    def __init__(self, source: Path, payments: int, seed: int) -> None:
        self._source = source
        self._payments, self._seed = payments, seed
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._is_closed = True
            for process in self._running:
                process.terminate()

    def try_out(self, trial: Trial) -> bool:
        """Run it and print what came of it; whether that is what must come of it."""
        started = time.monotonic()
        with _copy(self._source) as copy:
            if trial.mutant is not None:
                plant(trial.mutant, copy)
            report = self._run(trial, copy)
        went_well = report["verdict"] == trial.wanted
        seconds = time.monotonic() - started
        said = f"{trial.name:{_WIDTH}}{trial.lean:9}{report['verdict']:8}{seconds:5.0f} s"
        word = "" if went_well else "  WRONG"
        details = [] if went_well else [each["what"] for each in report["findings"][:_MOST_SHOWN]]
        print("\n    ".join([f"{said}{word}  {_name_findings(report)}", *details]), flush=True)
        return went_well

    def _run(self, trial: Trial, copy: Path) -> dict[str, Any]:
        command = [sys.executable, "-m", "tests.chaos", *self._build_arguments(trial), "--json"]
        with self._lock:
            if self._is_closed:
                return _NO_REPORT
            process = subprocess.Popen(command, cwd=copy, stdout=subprocess.PIPE, text=True)
            self._running.add(process)
        printed, _ = process.communicate()
        with self._lock:
            self._running.discard(process)
        report: dict[str, Any] = json.loads(printed) if printed else _NO_REPORT
        return report

    def _build_arguments(self, trial: Trial) -> list[str]:
        seed = ["--seed", str(self._seed)]
        if trial.lean == SYNC:
            return ["--sync", str(self._payments * _TRANSACTIONS_FOR_EACH), *seed]
        if trial.lean == COLLECTIONS:
            barbers = str(self._payments // _PAYMENTS_FOR_A_BARBER)
            return ["--collections", barbers, "--periods", "2", *seed]
        hurry = [] if trial.mutant is None else ["--until-found"]
        lean = ["--lean", trial.lean, "--name", f"{trial.name:{_WIDTH}}"]
        return ["--payments", str(self._payments), *seed, *lean, *hurry]


@contextmanager
def _copy(source: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="bookedbarber-mutant-"))
    try:
        copy = folder / "source"
        shutil.copytree(source, copy, ignore=_LEFT_OUT)
        yield copy
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _name_findings(report: dict[str, Any]) -> str:
    checks = sorted({finding["check"] for finding in report["findings"]})
    return "; ".join(checks or report["unproven"])
