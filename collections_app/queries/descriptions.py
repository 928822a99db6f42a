"""Collections and their lines in words."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from payments.states import AccrualKind

from ..models import CollectionAttempt, PlatformCollection
from ..states import (
    UNTRIED_COLLECTION_STATES,
    AttemptState,
    CollectionMethod,
    CollectionState,
    LineState,
)
from .lines import LineDetail

STATE_WORDS = {
    CollectionState.PENDING: ("Announced", "wait"),
    CollectionState.DUE: ("Due", "wait"),
    CollectionState.PROCESSING: ("Being collected", "wait"),
    CollectionState.COLLECTED: ("Collected", "good"),
    CollectionState.FAILED: ("Failed", "bad"),
    CollectionState.DISPUTED: ("Disputed by the bank", "bad"),
    CollectionState.WAIVED: ("Waived", "plain"),
    CollectionState.CANCELED: ("Canceled", "plain"),
}
LINE_WORDS = {
    LineState.LIVE: "",
    LineState.CONTESTED: "Contested",
    LineState.RELEASED: "Taken out",
}
METHOD_WORDS = {
    CollectionMethod.CARD: "Card",
    CollectionMethod.BANK_DEBIT: "Bank account",
    CollectionMethod.PAYOUT_DEDUCTION: "From the payout",
    CollectionMethod.MANUAL: "By hand",
}
ATTEMPT_WORDS = {
    AttemptState.SUBMITTED: "Under way",
    AttemptState.PENDING: "Accepted; the bank takes some days",
    AttemptState.UNKNOWN: "Outcome not known yet",
    AttemptState.SUCCEEDED: "Taken",
    AttemptState.FAILED: "Failed",
    AttemptState.RETURNED: "Returned by the bank",
}


@dataclass(frozen=True, slots=True)
class CollectionRow:
    collection: PlatformCollection
    now: datetime

    @property
    def status(self) -> str:
        return STATE_WORDS[CollectionState(self.collection.state)][0]

    @property
    def tone(self) -> str:
        return STATE_WORDS[CollectionState(self.collection.state)][1]

    @property
    def what(self) -> str:
        words = {"commission": "Commission", "rent": "Rent", "mixed": "Commission and rent"}
        return words[self.collection.kind]

    @property
    def last_day(self) -> date:
        return self.collection.period_end - timedelta(days=1)

    @property
    def can_be_contested(self) -> bool:
        return self.collection.is_contestable(now=self.now)

    @property
    def can_be_paid(self) -> bool:
        return self.collection.state in UNTRIED_COLLECTION_STATES

    @property
    def has_next_attempt(self) -> bool:
        return self.can_be_paid and self.collection.next_attempt_at is not None


@dataclass(frozen=True, slots=True)
class LineRow:
    detail: LineDetail

    @property
    def status(self) -> str:
        line = self.detail.line
        if line.decision:
            return f"Contest {line.decision}"
        return LINE_WORDS[LineState(line.state)]

    @property
    def what(self) -> str:
        accrual = self.detail.accrual
        match accrual.kind:
            case AccrualKind.COMMISSION if accrual.revision > 1 and accrual.amount_minor < 0:
                return "Commission given back"
            case AccrualKind.COMMISSION:
                return "Commission of a sale"
            case AccrualKind.RENT:
                return f"Rent from {_write(accrual.period_start)}{self._until}"
            case _:
                return AccrualKind(accrual.kind).label

    @property
    def _until(self) -> str:
        end = self.detail.accrual.period_end
        return f" to {_write(end - timedelta(days=1))}" if end else ""

    @property
    def why(self) -> str:
        """What the sale or the fee was for."""
        payment = self.detail.sale.payment if self.detail.sale else None
        if payment is not None and payment.appointment is not None:
            return payment.appointment.service_name
        return self.detail.accrual.reason

    @property
    def rate(self) -> str:
        rate = self.detail.rate
        return "" if rate is None else f"{rate:.4f}".rstrip("0").rstrip(".") + " %"

    @property
    def is_contestable(self) -> bool:
        line = self.detail.line
        return line.state == LineState.LIVE and line.amount_minor > 0


@dataclass(frozen=True, slots=True)
class AttemptRow:
    attempt: CollectionAttempt

    @property
    def status(self) -> str:
        return ATTEMPT_WORDS[AttemptState(self.attempt.state)]

    @property
    def method(self) -> str:
        return METHOD_WORDS[CollectionMethod(self.attempt.method)]


def _write(day: date | None) -> str:
    return "" if day is None else f"{day.day} {day:%b %Y}"
