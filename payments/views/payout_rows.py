"""How payouts and disputes look on pages: words instead of codes. Decides nothing."""

from dataclasses import dataclass
from datetime import datetime

from bookedbarber.foundation.money import Money

from ..models import Dispute, Payout, PayoutLine
from ..states import BankState, DisputeState, PayoutState

# State → its word and the tone of its badge.
PAYOUT_WORDS = {
    PayoutState.SUBMITTED: ("On its way", "wait"),
    PayoutState.UNKNOWN: ("Being checked", "wait"),
    PayoutState.PAID: ("Paid", "good"),
    PayoutState.FAILED: ("Failed; it is paid with the next one", "bad"),
    PayoutState.PARTLY_REVERSED: ("Partly taken back", "plain"),
    PayoutState.REVERSED: ("Taken back", "plain"),
}
BANK_WORDS = {
    BankState.NONE: "Your account has not said yet when it pays to your bank.",
    BankState.IN_TRANSIT: "Your account is paying it to your bank.",
    BankState.PAID: "Your account has paid it to your bank.",
    BankState.FAILED: "Your account could not pay it to your bank; the money is in your account.",
    BankState.RETURNED: "Your bank has sent it back; the money is in your account.",
}
DISPUTE_WORDS = {
    DisputeState.INQUIRY: ("The bank asks", "wait"),
    DisputeState.NEEDS_RESPONSE: ("Needs an answer", "bad"),
    DisputeState.UNDER_REVIEW: ("The bank is deciding", "wait"),
    DisputeState.WON: ("Won", "good"),
    DisputeState.LOST: ("Lost", "bad"),
    DisputeState.CLOSED: ("Closed", "plain"),
}
LINE_WORDS = {
    "sale": "Sale, less commission",
    "fee": "Processing fee",
    "refund": "Refund",
    "refund_failed": "Refund that failed",
    "dispute": "Dispute",
    "dispute_won": "Dispute won",
    "transfer": "Earlier transfer",
    "transfer_reversed": "Payout that was taken back",
    "explained": "Sale that was found later",
}


@dataclass(frozen=True, slots=True)
class PayoutRow:
    payout: Payout

    @property
    def status(self) -> str:
        return PAYOUT_WORDS[PayoutState(self.payout.state)][0]

    @property
    def tone(self) -> str:
        return PAYOUT_WORDS[PayoutState(self.payout.state)][1]

    @property
    def bank(self) -> str:
        """Of interest once the money was sent."""
        if self.payout.paid_at is None:
            return ""
        words = BANK_WORDS[BankState(self.payout.bank_state)]
        return f"{words} {self.payout.bank_message}".strip()


@dataclass(frozen=True, slots=True)
class LineRow:
    line: PayoutLine

    @property
    def what(self) -> str:
        return LINE_WORDS.get(self.line.kind, self.line.kind.replace("_", " ").capitalize())

    @property
    def occurred_at(self) -> datetime:
        return self.line.occurred_at

    @property
    def payment_id(self) -> str:
        payment = self.line.movement.payment if self.line.movement else None
        return payment.public_id if payment else ""

    @property
    def withheld(self) -> str:
        """What was kept back for a fee that was not known, or given back of that."""
        withheld = self.line.withheld
        if withheld.amount_minor > 0:
            return f"{withheld} was kept back for the processing fee, which was not known yet"
        if withheld.amount_minor < 0:
            return f"{-withheld} of it had been kept back before"
        return ""


@dataclass(frozen=True, slots=True)
class DisputeRow:
    dispute: Dispute
    now: datetime

    @property
    def status(self) -> str:
        return DISPUTE_WORDS[DisputeState(self.dispute.state)][0]

    @property
    def tone(self) -> str:
        return DISPUTE_WORDS[DisputeState(self.dispute.state)][1]

    @property
    def reason(self) -> str:
        return self.dispute.reason.replace("_", " ") or "not said"

    @property
    def time_zone(self) -> str:
        return self.dispute.barber.time_zone if self.dispute.barber else "UTC"

    @property
    def withdrawn(self) -> Money:
        return self.dispute.withdrawn

    @property
    def has_deadline(self) -> bool:
        return self.dispute.is_open and self.dispute.due_by is not None

    @property
    def is_late(self) -> bool:
        due_by = self.dispute.due_by
        return self.dispute.is_open and due_by is not None and due_by <= self.now


def to_payout_row(payout: Payout) -> PayoutRow:
    return PayoutRow(payout)


def to_line_row(line: PayoutLine) -> LineRow:
    return LineRow(line)


def to_dispute_row(dispute: Dispute, *, now: datetime) -> DisputeRow:
    return DisputeRow(dispute, now)
