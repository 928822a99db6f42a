"""The books: what is written into them, sealed and proved."""

from .variables import env

# Whose debits movements are, and who hears of them: an app may not import those above it.
DEBIT_BOOK = "collections_app.operations.debit_book"
# What `verify_books` proves; an app may not import those above it.
BOOK_CHECKS = [
    "payments.queries.book_checks.CHECKS",
    "collections_app.queries.book_checks.COLLECTION_CHECKS",
    "collections_app.queries.attempt_checks.ATTEMPT_CHECKS",
]
# How long a refund, dispute or reversal may wait for what it is about before a person is told.
MISSING_PARENT_HOURS = env.int("MISSING_PARENT_HOURS", default=24)
# How long after its end a day of the ledger is sealed: at least half an hour.
LEDGER_SEAL_DELAY_SECONDS = env.float("LEDGER_SEAL_DELAY_SECONDS", default=3600.0)
