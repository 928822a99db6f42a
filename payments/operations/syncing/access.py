"""Asking an account for its lists; again with fresh credentials where the stored are refused."""

from datetime import datetime

from processors.contract import ListDescription, ListPage, MovementLists
from processors.errors import CredentialsRefused, RequestRefused
from processors.models import Connection
from processors.registry import get_adapter


class AccountReader:
    """Reads pages of one account's lists.

    :raises AbilityNotSupported: its processor has no lists.
    :raises CredentialsRefused: the credentials cannot even be sent.
    """

    def __init__(self, connection: Connection, *, by: str, now: datetime) -> None:
        self.connection = connection
        self._by, self._now = by, now
        self._has_renewed = False
        self._account = get_adapter(connection.get_access(), MovementLists)

    @property
    def lists(self) -> tuple[ListDescription, ...]:
        return self._account.LISTS

    def read_page(self, name: str, *, since: datetime, position: str) -> ListPage:
        """Raises as `MovementLists.read_page`; refused credentials are renewed once. Where a
        processor does not know a position any more, the list is read from its beginning."""
        try:
            return self._read(name, since, position)
        except RequestRefused:
            if not position:
                raise
        return self._read(name, since, "")

    def _read(self, name: str, since: datetime, position: str) -> ListPage:
        try:
            return self._account.read_page(name, since=since, cursor=position)
        except CredentialsRefused:
            if not self._renew():
                raise
        return self._account.read_page(name, since=since, cursor=position)

    def _renew(self) -> bool:
        if self._has_renewed:
            return False
        self._has_renewed = True
        fresh = renew_access(connection=self.connection, by=self._by, now=self._now)
        if fresh is None:
            return False
        self.connection = fresh
        self._account = get_adapter(fresh.get_access(), MovementLists)
        return True


def renew_access(*, connection: Connection, by: str, now: datetime) -> Connection | None:  # noqa: ARG001
    """Find fresher credentials than those the processor has just refused; None: there are none."""
    fresh = Connection.objects.get(pk=connection.pk)
    is_other = bytes(fresh.sealed_credentials) != bytes(connection.sealed_credentials)
    return fresh if is_other else None
