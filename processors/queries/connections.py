"""Finding one connection."""

from bookedbarber.foundation.database import CompiledQuery

from ..models import Connection

# Every call to a processor begins with this.
_BY_KEY = CompiledQuery(lambda: Connection.objects.filter(pk=0))


def get_connection(pk: int) -> Connection:
    """The connection as it now stands, its credentials included; its key is that of a row."""
    [connection] = _BY_KEY.fetch(pk)
    return connection


def find_connection(name: str) -> Connection | None:
    """The connection of a public id or, in digits, of a number; None where there is none."""
    if name.isascii() and name.isdigit():
        return Connection.objects.filter(pk=int(name)).first() if len(name) < 19 else None
    return Connection.objects.filter(public_id=name).first()
