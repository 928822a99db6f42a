"""Events: what a processor sends by itself, and how it proves that it is the sender."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol, runtime_checkable

from .movements import Movement


@dataclass(frozen=True, slots=True, kw_only=True)
class EventEnvelope:
    """What stands around an event's object. "" and None: it does not say.

    `account_id` is the account it happened on, `is_live` whether with real money.
    """

    event_id: str
    type: str
    account_id: str = ""
    object_id: str = ""
    occurred_at: datetime | None = None
    is_live: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleNews:
    """Something happened to a payment. `movement` is there where the object is what moves money."""

    payment_external_id: str
    our_reference: str
    movement: Movement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementNews:
    """Money moved that is no payer's: the movements as the object states them by now."""

    movements: tuple[Movement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNews:
    """The account's own settings changed."""

    can_charge: bool
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationNews:
    """The account's owner, or the processor, took our access away."""

    reason: str


News = SaleNews | MovementNews | AccountNews | RevocationNews


class Webhooks(Protocol):
    """A processor's way of sending events. It is bound to no account: which is in the event."""

    SIGNATURE_HEADER: ClassVar[str]

    def is_signed(
        self, body: bytes, signature: str, *, secret: str, address: str, now: datetime
    ) -> bool:
        """Say whether the holder of `secret` sent exactly this body to `address`, and just now
        where the processor signs a time. False for whatever cannot be read; raises nothing."""
        ...

    def read_envelope(self, body: bytes) -> EventEnvelope:
        """
        :raises NotUnderstood: it is no event of this processor's.
        """
        ...

    def read_news(self, body: bytes) -> News | None:
        """Return what an event says, None where it is about nothing of ours.

        :raises NotUnderstood: its object does not say what it must.
        """
        ...


@runtime_checkable
class MovementReads(Protocol):
    """Asking again for what an event cannot say, such as the fee."""

    def retrieve_movement(self, external_id: str) -> Movement:
        """Ask about a charge by its own name.

        :raises RequestRefused: the processor has none of that name.
        :raises CredentialsRefused, ProcessorNotReached: nothing was learned.
        :raises AnswerLost: no answer, or one about another object.
        """
        ...
