"""Events: what a processor sends by itself, and how it proves that it is the sender."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol, runtime_checkable

from .disputes import DisputeStatement
from .movements import Movement, MovementKind
from .refunds import RefundStatement
from .transfers import TransferStatement


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
    """Something happened to a payment. `movement` is there where the object is what moves money.

    One that `is_abridged` lacks what cannot be corrected later, such as the tip: the movement is
    asked for before it is recorded. One that `is_whole` says all that an answer would.
    """

    payment_external_id: str
    our_reference: str
    movement: Movement | None = None
    is_abridged: bool = False
    is_whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundNews:
    """Something happened to a refund."""

    statement: RefundStatement


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeNews:
    """Something happened to a dispute."""

    statement: DisputeStatement


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferNews:
    """Something happened to a transfer; `statement` is None where the event does not say all."""

    external_id: str
    statement: TransferStatement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A movement that must be asked for: what it is called, and how to ask for it."""

    kind: MovementKind
    external_id: str
    ask_for: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BankPayoutNews:
    """Something happened to a payment to the account's own bank: `external_id`.

    `movements` are what the event says of it, `booked` those that it only names.
    """

    external_id: str
    movements: tuple[Movement, ...] = ()
    booked: tuple[Booked, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNews:
    """The account's own settings changed."""

    can_charge: bool
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationNews:
    """The account's owner, or the processor, took our access away."""

    reason: str


News = (
    SaleNews
    | RefundNews
    | DisputeNews
    | TransferNews
    | BankPayoutNews
    | AccountNews
    | RevocationNews
)


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
    """Asking for what an event or an entry of a payout cannot say, such as the fee or the tip."""

    def retrieve_movement(self, name: str) -> Movement:
        """Ask about a movement by its own name, or by that of its entry in the balance.

        :raises RequestRefused: the processor has none of that name.
        :raises CredentialsRefused, ProcessorNotReached: nothing was learned.
        :raises AnswerLost: no answer, or one about another object.
        """
        ...


@runtime_checkable
class PayoutEntries(Protocol):
    """Asking what a payment to the bank was made up of."""

    def list_payout_movements(self, external_id: str) -> tuple[Movement, ...]:
        """List the movements that are told nowhere else: of disputes, and the processor's own.

        Raises as `MovementReads.retrieve_movement`.
        """
        ...
