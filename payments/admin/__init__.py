"""Payments in the admin. Rows are facts: read, and changed by operations only."""

from . import (
    configs,
    connections,
    discrepancies,
    disputes,
    ledger,
    payments,
    payouts,
    reconciliations,
    refunds,
    syncs,
    transactions,
)

__all__ = [
    "configs",
    "connections",
    "discrepancies",
    "disputes",
    "ledger",
    "payments",
    "payouts",
    "reconciliations",
    "refunds",
    "syncs",
    "transactions",
]
