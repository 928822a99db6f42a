"""Bring .venv up to date with requirement files: `python bin/install.py FILE …`.

Needs the standard library only. Quick when nothing changed; repairs an interrupted
installation; several at once wait for each other.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
UNFINISHED = VENV / "installation-unfinished"


def main() -> int:
    files = [ROOT / name for name in sys.argv[1:]]
    if VENV_PYTHON.exists() and not was_moved() and all(is_installed(file) for file in files):
        return 0
    lock = os.open(ROOT / ".venv.lock", os.O_RDWR | os.O_CREAT, 0o644)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        create_venv()
        for file in files:
            install(file, lock)
    except subprocess.CalledProcessError as error:
        print(f"The installation failed: {error}", file=sys.stderr)
        return 1
    return 0


def is_installed(file: Path) -> bool:
    stamp = stamp_of(file)
    if UNFINISHED.exists() or not stamp.exists():
        return False
    return stamp.read_text(encoding="ascii") == fingerprint(file)


def create_venv() -> None:
    if is_whole():
        return
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        sys.exit(
            f"{sys.executable} cannot create virtual environments: install its venv package "
            f"(Debian: apt-get install python3-venv), or set PYTHON to another Python."
        )
    VENV.mkdir()
    UNFINISHED.touch()
    subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)


def is_whole() -> bool:
    """Say whether .venv works; one that was interrupted is made anew, as pip cannot mend it."""
    if UNFINISHED.exists() or not VENV_PYTHON.exists() or was_moved():
        return False
    working = [str(VENV_PYTHON), "-c", "import pip, sys; sys.exit(sys.version_info < (3, 11))"]
    return subprocess.run(working, check=False, capture_output=True).returncode == 0


def was_moved() -> bool:
    """Say whether .venv came from elsewhere: the programs in it name the folder they are in."""
    settings = VENV / "pyvenv.cfg"
    lines = settings.read_text(encoding="utf-8").splitlines() if settings.exists() else []
    commands = [line for line in lines if line.startswith("command = ")]
    return bool(commands) and not commands[0].endswith(f" {VENV}")


def install(file: Path, lock: int) -> None:
    if is_installed(file):
        return
    print(f"Installing {file.name} into .venv …", flush=True)
    UNFINISHED.touch()
    pip = [str(VENV_PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
    where = ["install", "--require-hashes", "-r", str(file)]
    # Running as root is no accident here, and .venv is ours alone.
    environment = os.environ | {"PIP_ROOT_USER_ACTION": "ignore"}
    # pip holds the lock too: when only we are killed, nobody starts over while it still writes.
    subprocess.run([*pip, *where], check=True, env=environment, pass_fds=[lock])
    stamp_of(file).write_text(fingerprint(file), encoding="ascii")
    UNFINISHED.unlink()


def stamp_of(file: Path) -> Path:
    return VENV / f"installed-{file.stem}"


def fingerprint(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
