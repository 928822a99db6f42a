"""Paying out: money from the platform's account to an account connected to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bookedbarber.foundation.money import Money

from .movements import Movement


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRequest:
    """Move `amount` to the account named `destination`.

    `reference` is ours: the idempotency key, and kept in the processor's object. At most 40
    printable ASCII characters.
    """

    reference: str
    destination: str
    amount: Money
    description: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


class TransferState(StrEnum):
    """A transfer is made or refused at once; later it can be taken back, in whole or part."""

    PAID = "paid"
    PARTLY_REVERSED = "partly_reversed"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferStatement:
    """What the processor says of one transfer.

    `reversed` is how much of `amount` came back; `movements` are the transfer and each reversal.
    `destination_payment` is what the transfer is called on the receiving account, "" where it
    has no name there.
    """

    state: TransferState
    external_id: str
    our_reference: str
    destination: str
    destination_payment: str
    amount: Money
    reversed: Money
    movements: tuple[Movement, ...]


@runtime_checkable
class Transfers(Protocol):
    """Paying out to connected accounts. Each method may raise as `Charges` do, but a decline."""

    def transfer(self, request: TransferRequest) -> TransferStatement:
        """Move the money once, however often the same request is sent.

        :raises InsufficientBalance: the account does not hold enough; the processor keeps this
            answer under the key, so no sending of the request moves anything.
        :raises RequestRefused: the processor will not do it; this sending moved nothing.
        :raises CredentialsRefused, ProcessorNotReached: this sending moved nothing.
        :raises AnswerLost: anything else; money may have moved.
        """
        ...

    def retrieve_transfer(
        self, external_id: str, request: TransferRequest | None = None
    ) -> TransferStatement:
        """Ask about a transfer by its processor's name.

        :raises AnswerLost: no answer, or one about another reference, destination or amount.
        """
        ...

    def find_transfer(
        self, request: TransferRequest, *, since: datetime
    ) -> TransferStatement | None:
        """Ask by our own reference, through the list of what was made from `since` on.

        None: it is not listed, which alone proves nothing.

        :raises AnswerLost: no whole list; two of ours; ours is about something else.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutAccountStatement:
    """What a processor says of an account that is to receive transfers.

    `can_receive`: transfers to it are accepted. `pays_to_bank`: what arrives there goes on to its
    owner's bank. `obstacle` says in words what is missing, "" where nothing is.
    """

    account_id: str
    name: str
    can_receive: bool
    pays_to_bank: bool
    currencies: tuple[str, ...] = ()
    obstacle: str = ""


class BankPayoutState(StrEnum):
    """Where an account's own payment to its owner's bank stands."""

    IN_TRANSIT = "in_transit"
    PAID = "paid"
    FAILED = "failed"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class BankPayoutStatement:
    """What a receiving account says of a payment to its owner's bank. It moves nothing of ours.

    `destination_payments` are the transfers in it, as they are called on that account.
    """

    external_id: str
    account_id: str
    state: BankPayoutState
    amount: Money
    destination_payments: tuple[str, ...]
    occurred_at: datetime
    failure_message: str = ""


@runtime_checkable
class PayoutAccounts(Protocol):
    """Looking at accounts that are connected to this one."""

    def describe_payout_account(self, account_id: str) -> PayoutAccountStatement:
        """
        :raises RequestRefused, CredentialsRefused: no such account is connected to this one, or
            our own credentials are refused; the processor does not always tell them apart.
        :raises ProcessorNotReached, AnswerLost: nobody knows now.
        """
        ...

    def describe_bank_payout(self, account_id: str, external_id: str) -> BankPayoutStatement:
        """Ask about such an account's payment to its owner's bank; raises as the other."""
        ...
