"""Which states and choices exist in payments, and which moves between states: a module a noun."""

from .books import (
    AccountCode,
    AccrualKind,
    PostingSource,
)
from .discrepancies import (
    DISCREPANCY_TRANSITIONS,
    DiscrepancyKind,
    DiscrepancyState,
    Fix,
    MatchRule,
    ReconciliationOutcome,
)
from .disputes import (
    DISPUTE_TRANSITIONS,
    OPEN_DISPUTE_STATES,
    DisputeState,
)
from .legs import (
    ASKED_ABOUT_STATES,
    CLOSED_LEG_STATES,
    IN_FLIGHT_STATES,
    LEG_TRANSITIONS,
    SETTLED_LEG_STATES,
    TECHNICAL_FAILURES,
    FailureKind,
    LegOperation,
    LegRole,
    LegState,
)
from .movements import (
    GROUPED_KINDS,
    Purpose,
    SyncOutcome,
    TransactionKind,
    TransactionState,
)
from .payments import (
    FINAL_PAYMENT_STATES,
    PAYMENT_TRANSITIONS,
    PaymentState,
)
from .payouts import (
    MADE_PAYOUT_STATES,
    OPEN_PAYOUT_STATES,
    PAYOUT_TRANSITIONS,
    BankState,
    PayoutObstacle,
    PayoutState,
)
from .refunds import (
    CLOSED_REFUND_STATES,
    OPEN_REFUND_STATES,
    REFUND_TRANSITIONS,
    RefundState,
    RefundStatus,
)
from .routing import (
    ClientPreference,
    CollectionFrequency,
    Decision,
    Mode,
)

__all__ = [
    "ASKED_ABOUT_STATES",
    "CLOSED_LEG_STATES",
    "CLOSED_REFUND_STATES",
    "DISCREPANCY_TRANSITIONS",
    "DISPUTE_TRANSITIONS",
    "FINAL_PAYMENT_STATES",
    "GROUPED_KINDS",
    "IN_FLIGHT_STATES",
    "LEG_TRANSITIONS",
    "MADE_PAYOUT_STATES",
    "OPEN_DISPUTE_STATES",
    "OPEN_PAYOUT_STATES",
    "OPEN_REFUND_STATES",
    "PAYMENT_TRANSITIONS",
    "PAYOUT_TRANSITIONS",
    "REFUND_TRANSITIONS",
    "SETTLED_LEG_STATES",
    "TECHNICAL_FAILURES",
    "AccountCode",
    "AccrualKind",
    "BankState",
    "ClientPreference",
    "CollectionFrequency",
    "Decision",
    "DiscrepancyKind",
    "DiscrepancyState",
    "DisputeState",
    "FailureKind",
    "Fix",
    "LegOperation",
    "LegRole",
    "LegState",
    "MatchRule",
    "Mode",
    "PaymentState",
    "PayoutObstacle",
    "PayoutState",
    "PostingSource",
    "Purpose",
    "ReconciliationOutcome",
    "RefundState",
    "RefundStatus",
    "SyncOutcome",
    "TransactionKind",
    "TransactionState",
]
