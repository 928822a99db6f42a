"""Finding one connection."""

from ..models import Connection


def find_connection(name: str) -> Connection | None:
    """The connection of a public id or, in digits, of a number; None where there is none."""
    if name.isascii() and name.isdigit():
        return Connection.objects.filter(pk=int(name)).first() if len(name) < 19 else None
    return Connection.objects.filter(public_id=name).first()
