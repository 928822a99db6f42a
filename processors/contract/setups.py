"""Saving a payment method for later debits, on a page of the processor's own."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from .debits import MethodKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupRequest:
    """`reference` is ours: it is the idempotency key and goes into the processor's object.

    The payer comes back to `success_url` or, having saved nothing, to `cancel_url`.
    """

    reference: str
    customer: str
    kinds: tuple[MethodKind, ...]
    success_url: str
    cancel_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupPage:
    """Where the payer saves a method; `external_id` is the processor's name for it."""

    external_id: str
    url: str


class SetupState(StrEnum):
    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedMethod:
    """A payment method of a customer; `brand` is a card's, `bank_name` a bank account's."""

    payment_method: str
    customer: str
    kind: MethodKind
    last4: str
    brand: str = ""
    bank_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupStatement:
    """What became of such a page; `saved` is there once it is complete."""

    state: SetupState
    external_id: str
    saved: SavedMethod | None = None


@runtime_checkable
class Setups(Protocol):
    """Saving payment methods. Nothing here moves money; each method may raise
    `RequestRefused`, `CredentialsRefused`, `ProcessorNotReached` and `AnswerLost`.
    """

    def create_customer(self, *, reference: str, name: str, email: str) -> str:
        """Make a customer, once for each reference; return the processor's name for him."""
        ...

    def open_setup(self, request: SetupRequest) -> SetupPage:
        """Open the page; the same request opens the same one."""
        ...

    def retrieve_setup(self, external_id: str, *, customer: str) -> SetupStatement:
        """Ask what became of the page.

        :raises AnswerLost: also when the answer is about another customer.
        """
        ...

    def forget_method(self, payment_method: str) -> None:
        """Let go of a saved method, so that nobody can debit it. Again is no failure."""
        ...
