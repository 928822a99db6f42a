"""What must be done before the processes start: tables and static files."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from bookedbarber.environment import ROOT

STAMP = "static.stamp"


def is_static_outdated(home: Path) -> bool:
    """Say whether files to collect have changed since `remember_static`."""
    stamp = home / STAMP
    if not (home / "static").is_dir() or not stamp.exists():
        return True
    return stamp.read_text(encoding="ascii") != _fingerprint()


def remember_static(home: Path) -> None:
    (home / STAMP).write_text(_fingerprint(), encoding="ascii")


def _fingerprint() -> str:
    """Sum up what is collected: the libraries' files change only with their versions."""
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for path in _our_static_files():
        found = path.stat()
        digest.update(f"{path.relative_to(ROOT)} {found.st_size} {found.st_mtime_ns}\n".encode())
    for path in sorted((ROOT / "bookedbarber" / "settings").glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _our_static_files() -> Iterator[Path]:
    for package in sorted(path.parent for path in ROOT.glob("*/__init__.py")):
        for pattern in ("static/**/*", "*/static/**/*"):
            yield from (path for path in sorted(package.glob(pattern)) if path.is_file())
