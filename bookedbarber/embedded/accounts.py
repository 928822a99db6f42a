"""Whose account the servers run under: PostgreSQL refuses to run as root."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bookedbarber.embedded.errors import EmbeddedServiceError

ROOT_UID = 0
STAND_INS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine."""

    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        return self.uid == os.geteuid()

    def run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a command to its end as this user, in a session Ctrl-C does not reach."""
        # Nothing of our environment: it holds secrets, and PGPORT or PGDATA would mislead.
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
        return subprocess.run(
            [str(part) for part in command],
            check=False,
            capture_output=True,
            cwd="/",
            env=environment,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            text=True,
            user=None if self.is_ours else self.uid,
            group=None if self.is_ours else self.gid,
            extra_groups=None if self.is_ours else [],
        )

    def can_enter(self, folder: Path) -> bool:
        """Say whether this user can reach `folder`; asks the kernel, so ACLs count too."""
        if self.is_ours:
            return os.access(folder, os.X_OK)
        command = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(folder)]
        return self.run(command).returncode == 0


def choose_account(data: Path) -> Account:
    """Return us, or for root whoever owns `data`, or else an unprivileged stand-in.

    :raises EmbeddedServiceError: we are root and the machine knows no stand-in.
    """
    if os.geteuid() != ROOT_UID:
        return Account(os.geteuid(), os.getegid())
    if data.exists() and data.stat().st_uid != ROOT_UID:
        return Account(data.stat().st_uid, data.stat().st_gid)
    for name in STAND_INS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise EmbeddedServiceError(
        "PostgreSQL does not run as root and there is no user postgres or nobody to run it: "
        "start as an ordinary user or set DATABASE_URL."
    )
