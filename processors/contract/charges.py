"""Taking money from a payer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bookedbarber.foundation.money import Money

from .movements import Movement


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRequest:
    """Charge `amount` (which includes `tip`) to the payer's token; without `capture` only hold it.

    `reference` is ours: it is the idempotency key and goes into the processor's object. At most
    40 printable ASCII characters. `metadata` is kept where the processor has a place for it.
    """

    reference: str
    amount: Money
    tip: Money
    payment_token: str = field(repr=False)
    capture: bool = True
    description: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


class ChargeState(StrEnum):
    """Where a payment stands at its processor.

    `failed` and `canceled` are definite: no money moved and none will. `pending` is not.
    """

    CAPTURED = "captured"
    AUTHORIZED = "authorized"
    REQUIRES_ACTION = "requires_action"
    PENDING = "pending"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextAction:
    """What the payer must do before the payment can go on."""

    type: str
    client_secret: str = field(repr=False)
    return_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeStatement:
    """What the processor says of one payment of ours; `external_id` is its name for it.

    `movement` is there once captured, `expires_at` while authorized, `next_action` while the
    payer must act, the failure's code and message when it failed.
    """

    state: ChargeState
    external_id: str
    movement: Movement | None = None
    expires_at: datetime | None = None
    next_action: NextAction | None = None
    failure_code: str = ""
    failure_message: str = ""


@runtime_checkable
class Charges(Protocol):
    """Taking money from a payer. Every method may raise what `charge` raises, but a decline.

    A refusal speaks of this sending only: where the answer to an earlier one was lost, "the token
    was used", "the key is revoked" or no connection say nothing about that one. Each method ends
    within `PROCESSOR_TIMEOUT_SECONDS` or the caller's shorter `time_limit`, repeats included:
    everything is repeated after "slow down", questions also when nobody answered.
    """

    def charge(self, request: ChargeRequest) -> ChargeStatement:
        """Charge or authorize once, however often the same request is sent.

        The statement is captured, authorized (only if that was asked), requires_action or pending.

        :raises CardDeclined: the payer's bank said no; nothing moved. `external_id` names the
            processor's payment where it made one.
        :raises RequestRefused: the processor will not do it; nothing moved.
        :raises CredentialsRefused: the account's credentials are no longer valid; nothing moved.
        :raises ProcessorNotReached: no connection was made, (`ProcessorBusy`) we were told to
            slow down, or (`AccountLeftAlone`) the account keeps failing; nothing moved.
        :raises AnswerLost: anything else; money may have moved.
        """
        ...

    def retrieve_charge(self, external_id: str, request: ChargeRequest) -> ChargeStatement:
        """Ask about a payment by its processor's name.

        :raises RequestRefused: the processor says that it has none of that name.
        :raises AnswerLost: no answer, or one about another reference, amount, currency or account.
        """
        ...

    def find_charge(self, request: ChargeRequest, *, since: datetime) -> ChargeStatement | None:
        """Ask by our own reference, through the list of what was made from `since` on.

        None: it is not listed, which alone proves nothing. Of several payments with our reference
        the one that may move money counts.

        :raises AnswerLost: the list did not come to its end; two of ours may move money; ours is
            about another amount, currency or account.
        """
        ...

    def cancel_charge(self, external_id: str, request: ChargeRequest) -> ChargeStatement:
        """Cancel what is not captured and say where it stands then. Again is no failure.

        Captured when it was captured before; pending when the processor cannot say yet.

        :raises RequestRefused: it was not canceled, and its state does not say why.
        :raises AnswerLost: no answer; or it was not canceled, and then could not be asked.
        """
        ...

    def capture_charge(
        self, external_id: str, request: ChargeRequest, *, idempotency_key: str
    ) -> ChargeStatement:
        """Capture an authorization in full and say where it stands then. Again is no failure.

        Canceled when it was canceled or ran out before; pending when the processor cannot say yet.

        :raises RequestRefused: it was not captured, and its state does not say why.
        :raises AnswerLost: no answer; or it was not captured now, and then could not be asked.
        """
        ...
