"""Collections, and the debits that pay them."""

from .variables import env

# How long before it is due a barber is told of a collection, and can contest its lines.
COLLECTION_NOTICE_DAYS = env.int("COLLECTION_NOTICE_DAYS", default=2)
# After so long without anything new, what a barber owes and is owed is carried over.
CARRY_OVER_IDLE_DAYS = env.int("CARRY_OVER_IDLE_DAYS", default=30)
# How long one attempt may be under way before it counts as lost.
COLLECTION_LEASE_SECONDS = env.float("COLLECTION_LEASE_SECONDS", default=60.0)
# After which times a debit that failed is tried again, if that can help.
COLLECTION_RETRY_SECONDS = env.list(
    "COLLECTION_RETRY_SECONDS", cast=float, default=[3600, 14_400, 86_400]
)
# How long a collection may be under way without a debit that the processor has accepted.
COLLECTION_STUCK_SECONDS = env.float("COLLECTION_STUCK_SECONDS", default=2 * 3600.0)
# How often the processor is asked about a bank debit that is under way for days.
DEBIT_PENDING_SECONDS = env.float("DEBIT_PENDING_SECONDS", default=6 * 3600.0)
