"""Taking money from somebody who has agreed to it beforehand and is not there."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bookedbarber.foundation.money import Money

from .movements import Movement


class MethodKind(StrEnum):
    """What is debited. A card answers at once, a bank account within days."""

    CARD = "card"
    BANK_ACCOUNT = "bank_account"


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitRequest:
    """Debit `amount` to a customer's saved payment method.

    `reference` is ours: it is the idempotency key and goes into the processor's object. At most
    40 printable ASCII characters.
    """

    reference: str
    amount: Money
    customer: str
    payment_method: str
    kind: MethodKind
    description: str = ""


class DebitState(StrEnum):
    """Where a debit stands at its processor.

    `failed` and `canceled` are definite: no money moved and none will. `pending`: the bank has it.
    `idle`: nothing moves, but somebody (the payer, or we) could still set it in motion.
    """

    SUCCEEDED = "succeeded"
    PENDING = "pending"
    IDLE = "idle"
    FAILED = "failed"
    CANCELED = "canceled"


class DebitFailure(StrEnum):
    """Why a debit failed, by what can help: time, the payer, or neither."""

    NO_FUNDS = "no_funds"
    CARD_PROBLEM = "card_problem"
    PROCESSOR_TROUBLE = "processor_trouble"
    AUTHENTICATION = "authentication"
    ACCOUNT_CLOSED = "account_closed"
    MANDATE_GONE = "mandate_gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitStatement:
    """What the processor says of one debit of ours; `external_id` is its name for it.

    `movement` is there once it succeeded; the failure's class, code and message when it failed.
    """

    state: DebitState
    external_id: str
    movement: Movement | None = None
    failure: DebitFailure | None = None
    failure_code: str = ""
    failure_message: str = ""


@runtime_checkable
class Debits(Protocol):
    """Debiting saved payment methods. Each method may raise as `Charges` do, but a decline.

    A bank that says no is no exception here: the statement is failed, and says why.
    """

    def debit(self, request: DebitRequest) -> DebitStatement:
        """Debit once, however often the same request is sent.

        The processor keeps its answer under the key: a decline that answers a repeated request is
        that of the first one.

        :raises MethodGone: the saved method cannot be debited any more; this sending moved nothing.
        :raises RequestRefused: the processor will not do it; this sending moved nothing.
        :raises CredentialsRefused, ProcessorNotReached: this sending moved nothing.
        :raises AnswerLost: anything else; money may have moved.
        """
        ...

    def retrieve_debit(self, external_id: str, request: DebitRequest) -> DebitStatement:
        """Ask about a debit by its processor's name.

        :raises RequestRefused: the processor says that it has none of that name.
        :raises AnswerLost: no answer, or one about another reference, amount or account.
        """
        ...

    def find_debit(self, request: DebitRequest, *, since: datetime) -> DebitStatement | None:
        """Ask by our own reference, through the list of what was made from `since` on.

        None: it is not listed, which alone proves nothing.

        :raises AnswerLost: the list did not come to its end; two of ours may move money; ours is
            about another amount, currency or account.
        """
        ...

    def cancel_debit(self, external_id: str, request: DebitRequest) -> DebitStatement:
        """Cancel what is idle and say where it stands then. Again is no failure.

        :raises RequestRefused: it was not canceled, and its state does not say why.
        :raises AnswerLost: no answer; or it was not canceled, and then could not be asked.
        """
        ...
