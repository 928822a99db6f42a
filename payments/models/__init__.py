from .accruals import Accrual
from .configs import HybridPaymentConfig
from .discrepancies import Discrepancy
from .disputes import Dispute
from .ledger import LedgerAccount, LedgerEntry, LedgerTransaction
from .payments import Payment, PaymentLeg
from .payouts import Payout, PayoutDestination, PayoutLine
from .reconciliations import Correction, ListedMovement, ReconciliationRun, VisitMatch
from .refunds import Refund
from .seals import LedgerSeal
from .syncs import SyncCursor, SyncRun
from .transactions import ExternalPayload, ExternalTransaction

__all__ = [
    "Accrual",
    "Correction",
    "Discrepancy",
    "Dispute",
    "ExternalPayload",
    "ExternalTransaction",
    "HybridPaymentConfig",
    "LedgerAccount",
    "LedgerEntry",
    "LedgerSeal",
    "LedgerTransaction",
    "ListedMovement",
    "Payment",
    "PaymentLeg",
    "Payout",
    "PayoutDestination",
    "PayoutLine",
    "ReconciliationRun",
    "Refund",
    "SyncCursor",
    "SyncRun",
    "VisitMatch",
]
