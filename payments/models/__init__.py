from .accruals import Accrual
from .configs import HybridPaymentConfig
from .discrepancies import Discrepancy
from .ledger import LedgerAccount, LedgerEntry, LedgerTransaction
from .payments import Payment, PaymentLeg
from .refunds import Refund
from .transactions import ExternalPayload, ExternalTransaction

__all__ = [
    "Accrual",
    "Discrepancy",
    "ExternalPayload",
    "ExternalTransaction",
    "HybridPaymentConfig",
    "LedgerAccount",
    "LedgerEntry",
    "LedgerTransaction",
    "Payment",
    "PaymentLeg",
    "Refund",
]
