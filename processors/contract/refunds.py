"""Giving a payer's money back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bookedbarber.foundation.money import Money

from .movements import Movement


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """Give back `amount` of a captured payment.

    `reference` is ours: kept in the processor's object; "" where one is asked about that was not
    made by us. It is the idempotency key, too, unless another one is given.
    `payment_external_id` is the processor's payment or payment intent. `reason` is free text,
    cut where the processor has no room for it.
    """

    reference: str
    payment_external_id: str
    amount: Money
    reason: str = ""
    idempotency_key: str = ""

    @property
    def key(self) -> str:
        return self.idempotency_key or self.reference


class RefundState(StrEnum):
    """`failed` and `canceled` are definite: the money is the account's again."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundStatement:
    """What the processor says of one refund, and what it has moved so far: nothing, the refund,
    or the refund and its return.

    `payment_external_id` is the processor's payment, payment intent, or a charge that has none;
    "" where the refund is of no payment. `our_reference` is "" on a refund that is not ours, such
    as one made in the processor's dashboard. One that `is_abridged` names a movement that it does
    not describe: ask for it by its name.
    """

    state: RefundState
    external_id: str
    payment_external_id: str
    amount: Money
    occurred_at: datetime
    our_reference: str = ""
    reason: str = ""
    movements: tuple[Movement, ...] = ()
    version: int = 0
    failure_code: str = ""
    failure_message: str = ""
    is_abridged: bool = False


@runtime_checkable
class Refunds(Protocol):
    """Giving money back. Each method may raise as `Charges` do, but a decline."""

    def refund(self, request: RefundRequest) -> RefundStatement:
        """Refund once, however often the same request is sent.

        :raises RequestRefused: the processor will not do it (more than is left, not refundable,
            no balance); nothing moved.
        :raises CredentialsRefused, ProcessorNotReached: nothing moved.
        :raises AnswerLost: anything else; money may have moved.
        """
        ...

    def retrieve_refund(
        self, external_id: str, request: RefundRequest | None = None
    ) -> RefundStatement:
        """Ask about a refund by its processor's name; without a request, about any.

        :raises AnswerLost: no answer, or one about another payment, amount or currency.
        """
        ...

    def list_refunds(
        self, payment_external_id: str, *, since: datetime
    ) -> tuple[RefundStatement, ...]:
        """List what was refunded of a payment from `since` on, whoever did it.

        :raises AnswerLost: the list did not come to its end; `ListTooLong` where none is among
            what could be read of it.
        """
        ...

    def find_refund(self, request: RefundRequest, *, since: datetime) -> RefundStatement | None:
        """Ask by our own reference, through the list of what was made from `since` on.

        None: it is not listed, which alone proves nothing.

        :raises AnswerLost: as `retrieve_refund`; the list did not come to its end; two with our
            reference may move money.
        """
        ...
