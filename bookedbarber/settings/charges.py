"""Charges, and questions about outcomes that are unknown."""

from .variables import env

# Total time for one charge on a request path, and for one question about an unknown outcome.
CHARGE_BUDGET_SECONDS = env.float("CHARGE_BUDGET_SECONDS", default=20.0)
QUESTION_BUDGET_SECONDS = env.float("QUESTION_BUDGET_SECONDS", default=15.0)
# How long of that an account's list may be read: what is not found in it by then is repeated.
LIST_SECONDS = env.float("LIST_SECONDS", default=6.0)
# How long a claimed charge may be under way before its outcome counts as unknown.
CHARGE_LEASE_SECONDS = env.float("CHARGE_LEASE_SECONDS", default=60.0)
# After which times an unknown outcome is asked about; the last one repeats.
QUESTION_SCHEDULE_SECONDS = env.list(
    "QUESTION_SCHEDULE_SECONDS", cast=float, default=[5, 15, 60, 300, 3600, 86_400]
)
# A sweep of a long queue makes room for the next one after this time.
SWEEP_SECONDS = env.float("SWEEP_SECONDS", default=20.0)
# While an account gives no answer at all, one of its unknown outcomes is asked about this often.
PROBE_SECONDS = env.float("PROBE_SECONDS", default=15.0)
# Processors forget idempotency keys after a day; a charge is repeated only well before.
REPEAT_WINDOW_SECONDS = {
    "stripe": env.float("STRIPE_REPEAT_WINDOW_SECONDS", default=23 * 3600.0),
    "square": env.float("SQUARE_REPEAT_WINDOW_SECONDS", default=23 * 3600.0),
}
