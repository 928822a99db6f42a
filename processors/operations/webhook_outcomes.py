"""What may become of an event, as the operation that it concerns says."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..contract import News
from ..models import Connection, WebhookEvent


@dataclass(frozen=True, slots=True)
class Handled:
    """Whatever it says is in our records, or somebody is about to ask the processor."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """It is about nothing of ours; `reason` names why, in a word."""

    reason: str


@dataclass(frozen=True, slots=True)
class Parked:
    """It is about an object that is not known yet; `waits_for` is the object's name."""

    waits_for: str


@dataclass(frozen=True, slots=True)
class Later:
    """Something is under way that must end first."""

    why: str


@dataclass(frozen=True, slots=True)
class Question:
    """The processor must be asked; what it answers comes back as `Reported.answer`.

    Asked without an open transaction. When the processor refuses to know the object, the event is
    ignored; any other exception of `ask` lets it be tried again.
    """

    ask: Callable[[], Any]


Outcome = Handled | Ignored | Parked | Later | Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """An event for the operation that it concerns; the row is locked, the transaction open.

    `answer` is None until a question was asked.
    """

    event: WebhookEvent
    connection: Connection
    news: News
    now: datetime
    answer: Any = None

    @property
    def by(self) -> str:
        return f"webhook:{self.event.pk}"


EventOperation = Callable[[Reported], Outcome]
