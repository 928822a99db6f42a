"""Payouts to barbers."""

from decimal import Decimal

from .variables import env

# Major units; less than this waits for the next payout.
PAYOUT_MINIMUM = env("PAYOUT_MINIMUM", cast=Decimal, default=Decimal("1.00"))
# A sale whose fee is still unknown after this is paid out less an estimate.
PAYOUT_FEE_WAIT_DAYS = env.int("PAYOUT_FEE_WAIT_DAYS", default=3)
# How long a batch of claimed payouts may be under way before their outcomes count as unknown.
PAYOUT_LEASE_SECONDS = env.float("PAYOUT_LEASE_SECONDS", default=600.0)
# How old the word of a receiving account may be when it is paid.
PAYOUT_ACCOUNT_SECONDS = env.float("PAYOUT_ACCOUNT_SECONDS", default=3600.0)
