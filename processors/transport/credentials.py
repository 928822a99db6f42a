"""Reading what a person pasted, before it becomes an HTTP header."""

import re

from processors.contract import AccountAccess
from processors.errors import CredentialsRefused

# Anything else cannot be sent in a header, and libraries quote what they cannot send.
_SENDABLE = re.compile(r"[!-~]{1,2000}")


def get_credential(access: AccountAccess, name: str) -> str:
    """
    :raises CredentialsRefused: the account has no such value, or one that cannot be sent.
    """
    value = access.credentials.get(name, "")
    if not _SENDABLE.fullmatch(value):
        raise CredentialsRefused(f"The account's {name} is missing or malformed", field=name)
    return value


def find_credential(access: AccountAccess, name: str) -> str:
    """Return an optional value, "" where there is none.

    :raises CredentialsRefused: it cannot be sent.
    """
    return get_credential(access, name) if access.credentials.get(name) else ""
