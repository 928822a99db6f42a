"""Webhooks: events that processors send."""

from .variables import env

# Of the applications whose accounts are connected by OAuth; several while one is being replaced.
WEBHOOK_APPLICATION_SECRETS = {
    "stripe": env.list("STRIPE_WEBHOOK_SECRETS", default=[]),
    "square": env.list("SQUARE_WEBHOOK_SECRETS", default=[]),
}
WEBHOOK_BODY_MAX_BYTES = env.int("WEBHOOK_BODY_MAX_BYTES", default=1_048_576)
# How long a web process goes on with secrets that it has read.
WEBHOOK_SECRETS_SECONDS = env.float("WEBHOOK_SECRETS_SECONDS", default=5.0)
# After which times a failed event is tried again; the last one repeats, until it is given up.
WEBHOOK_RETRY_SECONDS = env.list(
    "WEBHOOK_RETRY_SECONDS", cast=float, default=[5, 30, 120, 600, 3600, 14_400]
)
WEBHOOK_GIVE_UP_SECONDS = env.float("WEBHOOK_GIVE_UP_SECONDS", default=3 * 86_400.0)
# How long a worker may ask a processor for one event before another takes over.
WEBHOOK_QUESTION_SECONDS = env.float("WEBHOOK_QUESTION_SECONDS", default=60.0)
WEBHOOK_BODY_DAYS = env.int("WEBHOOK_BODY_DAYS", default=90)
