"""OAuth: access that an account's owner gives our application, renews and takes away."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from .accounts import AccountAccess


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Access to one account.

    `credentials` are those of the account's adapter, with what renews them; `expires_at` is None
    where they last until they are taken away.
    """

    account_id: str
    credentials: Mapping[str, str] = field(repr=False)
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()


class Authorizations(Protocol):
    """Our application at a processor. It is bound to no account.

    Every call may raise, besides what it names:

    ApplicationRefused: our own id or secret is not accepted; the account's owner did nothing.
    CredentialsRefused: ours or the account's, the processor does not say which.
    ProcessorNotReached, AnswerLost: as everywhere.
    """

    @property
    def is_configured(self) -> bool:
        """Whether our application has an id and a secret."""
        ...

    def get_own_access(self) -> AccountAccess:
        """Access for what is the application's own, such as its webhook subscription."""
        ...

    def get_authorize_url(self, *, state: str, redirect_url: str) -> str:
        """The page on which the account's owner decides. Asks nobody."""
        ...

    def exchange_code(self, code: str, *, redirect_url: str) -> Grant:
        """
        :raises RequestRefused: the code was used, has expired or never was.
        """
        ...

    def refresh(self, credentials: Mapping[str, str]) -> Grant:
        """Renew access; the old one may go on for a while.

        :raises RequestRefused: it was taken away.
        """
        ...

    def revoke(self, account_id: str, credentials: Mapping[str, str]) -> None:
        """Give the access back. Again is no failure."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenStatus:
    """What a processor says of an access token; `expires_at` is None where it never does."""

    account_id: str
    scopes: tuple[str, ...]
    expires_at: datetime | None


@runtime_checkable
class TokenChecks(Protocol):
    """An account's adapter that can say what its token is good for."""

    def check_token(self) -> TokenStatus:
        """
        :raises CredentialsRefused: it is no longer valid.
        :raises RequestRefused: it is no OAuth token.
        :raises ProcessorNotReached, AnswerLost: nothing was learned.
        """
        ...
