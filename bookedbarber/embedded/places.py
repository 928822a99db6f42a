"""Which folders a home's servers use, and under whose account."""

import os
import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bookedbarber.embedded.accounts import Account, choose_account
from bookedbarber.embedded.addresses import home_digest, socket_folder
from bookedbarber.embedded.errors import EmbeddedServiceError

SHARED_BASE = Path("/var/tmp")
NOTE = "WHERE-THE-DATA-IS.txt"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the servers of one home keep their data and their sockets."""

    home: Path
    base: Path
    sockets: Path
    account: Account

    @property
    def postgres_data(self) -> Path:
        return self.base / "postgres"

    @property
    def valkey_data(self) -> Path:
        return self.base / "valkey"


def elsewhere(home: Path) -> Path:
    """Return where the data go when the servers' account cannot enter the home."""
    return SHARED_BASE / f"bookedbarber-{os.getuid()}-{home_digest(home)}"


def prepare_home(home: Path) -> Path:
    """Create the home folder and return its real path.

    :raises EmbeddedServiceError: it cannot be created or written to.
    """
    home = home.resolve()
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedServiceError(f"The folder {home} cannot be created: {error}.") from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise EmbeddedServiceError(
            f"The folder {home} cannot be written to: set BOOKEDBARBER_HOME to one that can."
        )
    return home


def find_place(home: Path) -> Place:
    """Decide where this home's data are. Data once written somewhere stay there.

    :raises EmbeddedServiceError: there are data in the home that the account cannot reach.
    """
    sockets = socket_folder(home)
    away = elsewhere(home)
    if (home / NOTE).exists() and (away / "postgres").exists():
        return Place(home, away, sockets, choose_account(away / "postgres"))
    account = choose_account(home / "postgres")
    if account.can_enter(home):
        return Place(home, home, sockets, account)
    if (home / "postgres").exists():
        raise EmbeddedServiceError(
            f"PostgreSQL's account (user id {account.uid}) can no longer enter {home}: "
            "move the folder back or set BOOKEDBARBER_HOME to one every user can enter."
        )
    return Place(home, away, sockets, account)


def prepare_folders(place: Place) -> None:
    """Create what is missing, readable by the servers' account alone.

    :raises EmbeddedServiceError: a folder belongs to somebody else.
    """
    if place.base != place.home:
        _retire_former_data(place)
        _create_owned(place.base, Account(os.geteuid(), os.getegid()), 0o755)
        _leave_note(place)
    _create_owned(place.sockets, place.account, 0o700)
    _create_owned(place.valkey_data, place.account, 0o700)


def remove_socket_folder(place: Place) -> None:
    """Leave nothing of ours in /tmp; a folder that is not ours or not empty stays."""
    with suppress(OSError):
        if place.sockets.lstat().st_uid == place.account.uid:
            place.sockets.rmdir()


def create_private_folder(folder: Path, account: Account) -> None:
    """Create a folder that only `account` can enter.

    :raises EmbeddedServiceError: it exists and belongs to somebody else.
    """
    _create_owned(folder, account, 0o700)


def _create_owned(folder: Path, account: Account, mode: int) -> None:
    try:
        folder.mkdir(mode=mode, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise EmbeddedServiceError(f"The folder {folder} cannot be created: {error}.") from error
    # /tmp is everybody's: a folder somebody else put there first must not get our sockets.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {account.uid, os.geteuid()}:
        raise EmbeddedServiceError(
            f"{folder} belongs to somebody else (user id {found.st_uid}): remove it and try again."
        )
    if found.st_uid != account.uid:
        os.chown(folder, account.uid, account.gid)
    if stat.S_IMODE(found.st_mode) != mode:
        folder.chmod(mode)


def _retire_former_data(place: Place) -> None:
    """Put aside what an earlier home at this path left: whoever deletes a home starts anew."""
    former = place.base.with_name(f"{place.base.name}.former")
    if place.base.exists() and not (place.home / NOTE).exists():
        shutil.rmtree(former, ignore_errors=True)
        place.base.rename(former)


def _leave_note(place: Place) -> None:
    text = (
        f"PostgreSQL does not run as root, and the user it runs as (id {place.account.uid})\n"
        f"cannot enter this folder. The data of PostgreSQL and Valkey are therefore in\n"
        f"{place.base}\n"
        "Without this file the next start begins with an empty database.\n"
    )
    (place.home / NOTE).write_text(text, encoding="utf-8")
