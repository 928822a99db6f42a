"""How payments look on pages: words instead of codes. Decides nothing."""

from dataclasses import dataclass

from bookedbarber.foundation.money import Money

from ..models import Payment, Refund
from ..queries.payment_descriptions import PaymentDescription, describe_payment
from ..queries.refund_descriptions import RefundDescription
from ..states import Decision, FailureKind, LegRole, PaymentState, RefundStatus

# Status → its word and the tone of its badge.
STATUS_WORDS = {
    "pending": ("Waiting", "wait"),
    "requires_action": ("Needs authentication", "wait"),
    "processing": ("Being taken", "wait"),
    "unknown": ("Being checked", "wait"),
    "completed": ("Completed", "good"),
    "failed": ("Failed", "bad"),
    "canceled": ("Canceled", "bad"),
    "disputed": ("Disputed", "bad"),
    "refunded": ("Refunded", "plain"),
    "partially_refunded": ("Partly refunded", "plain"),
}
FAILURE_WORDS = {
    FailureKind.DECLINED: "Declined",
    FailureKind.AUTHENTICATION: "Authentication needed",
    FailureKind.REFUSED: "Refused by the processor",
    FailureKind.CREDENTIALS: "The processor no longer accepts the account’s credentials",
    FailureKind.NOT_REACHED: "The processor could not be reached",
    FailureKind.HOLD_ENDED: "The hold on the card ended too soon",
}
REFUND_WORDS = {
    RefundStatus.PROCESSING: ("Being made", "wait"),
    RefundStatus.PENDING: ("On its way", "wait"),
    RefundStatus.UNKNOWN: ("Being checked", "wait"),
    RefundStatus.SUCCEEDED: ("Refunded", "good"),
    RefundStatus.PARTIALLY_SUCCEEDED: ("Refunded in part", "bad"),
    RefundStatus.FAILED: ("Failed", "bad"),
    RefundStatus.CANCELED: ("Canceled", "bad"),
}
DECISION_WORDS = {
    Decision.CENTRALIZED: "Platform",
    Decision.EXTERNAL: "Barber’s account",
    Decision.FALLBACK: "Platform, as a fallback",
    Decision.SPLIT: "Barber’s account, commission on the platform",
}


@dataclass(frozen=True, slots=True)
class PaymentRow:
    payment: Payment
    description: PaymentDescription
    account_name: str

    @property
    def status(self) -> str:
        failure = self.description.failure
        if failure and self.has_failed:
            return FAILURE_WORDS[FailureKind(failure.kind)]
        return STATUS_WORDS[self.payment.status][0]

    @property
    def why(self) -> str:
        """The processor's sentence, and its code as words where that says more."""
        failure = self.description.failure
        if failure is None:
            return ""
        code = failure.code.replace("_", " ").lower()
        if not code or code == failure.kind or code in failure.message.lower():
            return failure.message
        return f"{failure.message.rstrip('.')} ({code})"

    @property
    def tone(self) -> str:
        return STATUS_WORDS[self.payment.status][1]

    @property
    def has_failed(self) -> bool:
        """Nothing is charged for good and nothing will be."""
        return self.payment.state in {PaymentState.FAILED, PaymentState.CANCELED}

    @property
    def given_back(self) -> Money | None:
        """What was charged of a sale whose other part could not be taken."""
        parts = Refund.objects.filter(payment=self.payment, is_compensation=True)
        minor = sum(part.amount_minor for part in parts)
        return Money(minor, self.payment.currency) if minor else None

    @property
    def is_split(self) -> bool:
        return self.payment.decision == Decision.SPLIT

    @property
    def is_being_taken(self) -> bool:
        return self.payment.state == PaymentState.PROCESSING

    @property
    def is_unknown(self) -> bool:
        return self.payment.state == PaymentState.UNKNOWN

    @property
    def where(self) -> str:
        return DECISION_WORDS[Decision(self.payment.decision)]


def to_row(payment: Payment) -> PaymentRow:
    """Needs `with_parts`, or it costs statements of its own."""
    legs = sorted(payment.legs.all(), key=lambda leg: leg.pk)
    main = [leg for leg in legs if leg.role == LegRole.MAIN]
    name = main[-1].connection.name if main else ""
    return PaymentRow(payment, describe_payment(payment), name)


@dataclass(frozen=True, slots=True)
class RefundRow:
    described: RefundDescription

    @property
    def status(self) -> str:
        return REFUND_WORDS[self.described.status][0]

    @property
    def tone(self) -> str:
        return REFUND_WORDS[self.described.status][1]

    @property
    def why(self) -> str:
        if self.described.undoes_failed_payment:
            return "The payment failed after this part was taken"
        if self.described.made_at_processor:
            return f"{self.described.reason} (made at the processor)".strip()
        return self.described.reason

    @property
    def failure(self) -> str:
        failure = self.described.failure
        return "" if failure is None else f"{failure.message} ({failure.code})"


def to_refund_row(described: RefundDescription) -> RefundRow:
    return RefundRow(described)
