"""Payments in the admin. Rows are facts: read, and changed by operations only."""

from . import configs, connections, discrepancies, ledger, payments, refunds, transactions

__all__ = [
    "configs",
    "connections",
    "discrepancies",
    "ledger",
    "payments",
    "refunds",
    "transactions",
]
