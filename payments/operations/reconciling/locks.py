"""One reconciliation of an account at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from bookedbarber.foundation.errors import Conflict
from processors.models import Connection

from ..syncing.locks import session_lock


class ReconciliationUnderWay(Conflict):
    """The account is being reconciled already."""


@contextmanager
def only_reconciliation_of(connection: Connection) -> Iterator[None]:
    """
    :raises ReconciliationUnderWay: somebody else holds the account's lock.
    """
    with session_lock(f"reconcile:{connection.pk}") as is_ours:
        if not is_ours:
            raise ReconciliationUnderWay(connection=connection.public_id)
        yield
