"""Accounts: access to one, what it says of itself, and the live call that proves it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountAccess:
    """What an adapter needs to speak for one account. `repr` shows no secret."""

    processor: str
    environment: str
    account_id: str
    credentials: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDescription:
    """What an account says of itself when asked.

    `currencies` are those it settles in and we know, none where we know none; `abilities` a subset
    of {"payments", "refunds"}; `details` what the processor adds, such as a location.
    """

    account_id: str
    name: str
    country: str
    currencies: tuple[str, ...]
    abilities: tuple[str, ...]
    details: Mapping[str, str] = field(default_factory=dict)


@runtime_checkable
class AccountChecks(Protocol):
    """A live call that proves the credentials."""

    def describe_account(self) -> AccountDescription:
        """
        :raises CredentialsRefused: the credentials are not accepted.
        :raises RequestRefused: the account cannot be described (unknown location, …).
        :raises ProcessorNotReached: nothing was asked.
        :raises AnswerLost: the answer was not understood.
        """
        ...


@runtime_checkable
class Addressed(Protocol):
    """Saying where the account's processor is asked."""

    @property
    def api_url(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialField:
    """One value a person pastes to connect an account."""

    name: str
    label: str
    is_secret: bool = True
    is_required: bool = True
