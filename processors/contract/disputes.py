"""Payments that a payer's bank questions or takes back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bookedbarber.foundation.money import Money

from .movements import Movement


class DisputeState(StrEnum):
    """Where a dispute stands. It says nothing about money: movements do."""

    INQUIRY = "inquiry"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeStatement:
    """What the processor says of one dispute.

    `charge_external_id` names the movement that is disputed; `movements` are those that the
    processor's object names itself (kinds dispute and dispute_won, `group_id` the dispute), none
    where they are only told elsewhere. A higher `version` is a newer statement.
    """

    external_id: str
    state: DisputeState
    reason: str
    amount: Money
    due_by: datetime | None
    charge_external_id: str
    version: int
    opened_at: datetime
    movements: tuple[Movement, ...] = ()


@runtime_checkable
class Disputes(Protocol):
    """Looking at disputes."""

    def retrieve_dispute(self, external_id: str) -> DisputeStatement:
        """
        :raises RequestRefused: the processor says that it has none of that name.
        :raises CredentialsRefused, ProcessorNotReached: nothing was learned.
        :raises AnswerLost: no answer, or one about another dispute.
        """
        ...
