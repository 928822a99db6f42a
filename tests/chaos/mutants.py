"""Planting defects, one at a time, in a copy of the source; a run must find each."""

import shutil
import tempfile
import time
from pathlib import Path

from tests.chaos.mutant_table import MUTANTS, Mutant
from tests.chaos.plan import Plan
from tests.chaos.run import FAIL, run_chaos

_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".local", "__pycache__", ".*_cache")


class TextNotFound(LookupError):
    """The text a mutant replaces is not in its file exactly once."""


def run_mutants(plan: Plan, *, source: Path, names: list[str], keep: bool) -> int:
    """Run each, print a line for each; returns the exit status: 0 when all were found.

    :raises SystemExit: a name that no mutant has.
    :raises TextNotFound: before anything runs, for all that are chosen.
    """
    if unknown := set(names) - {mutant.name for mutant in MUTANTS}:
        raise SystemExit(f"There is no mutant {', '.join(sorted(unknown))}.")
    chosen = [mutant for mutant in MUTANTS if not names or mutant.name in names]
    for mutant in chosen:
        check_texts(mutant, source)
    missed = [mutant.name for mutant in chosen if not _is_found(mutant, plan, source, keep)]
    print(f"{len(chosen) - len(missed)} of {len(chosen)} mutants were found.")
    return 1 if missed else 0


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


def _is_found(mutant: Mutant, plan: Plan, source: Path, keep: bool) -> bool:
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="bookedbarber-mutant-"))
    try:
        copy = folder / "source"
        shutil.copytree(source, copy, ignore=_LEFT_OUT)
        plant(mutant, copy)
        report = run_chaos(plan, source=copy, keep=keep)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    by_check = sorted({finding.check for finding in report.findings})
    word = "found" if report.verdict == FAIL else "MISSED"
    seconds = time.monotonic() - started
    print(f"{word:8}{mutant.name:28}{seconds:5.0f} s  {'; '.join(by_check)}", flush=True)
    return report.verdict == FAIL
