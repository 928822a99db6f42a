"""Limits that keep a site quick are long in tests: a machine that stalls for seconds is no failure.

A test of such a limit sets its own.
"""

# Read by tests/services.py before there are settings; other processes inherit them.
LONG_LIMITS = {
    "DATABASE_CONNECT_TIMEOUT_SECONDS": "60",
    "REDIS_TIMEOUT_SECONDS": "60",
    "STATEMENT_TIMEOUT_SECONDS": "90",
    "SWEEP_SECONDS": "90",
    "PROCESSOR_CONNECT_TIMEOUT_SECONDS": "40",
    "PROCESSOR_KEEPALIVE_SECONDS": "60",
    # Less than the lease of a charge.
    "PROCESSOR_TIMEOUT_SECONDS": "50",
    "CHARGE_BUDGET_SECONDS": "50",
    # A question's lease is twice its budget, and tests ask again after a minute.
    "QUESTION_BUDGET_SECONDS": "29",
    "LIST_SECONDS": "25",
}
