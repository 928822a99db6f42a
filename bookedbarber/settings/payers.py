"""Payers and their holds."""

from .variables import env

# How long a payer may take to authenticate, or to open and use a payment page.
AUTHENTICATION_SECONDS = env.float("AUTHENTICATION_SECONDS", default=900.0)
# A person is told of a hold that was not captured so long before it ends by itself.
HOLD_WARNING_SECONDS = env.float("HOLD_WARNING_SECONDS", default=3600.0)
CHECKOUT_SECONDS = env.float("CHECKOUT_SECONDS", default=3600.0)
