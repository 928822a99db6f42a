"""Calls to processors, their addresses, and the platform's own account."""

from .simulator import SIMULATED_PROCESSORS, SIMULATOR_URL
from .variables import IS_PRODUCTION, env, secret

PROCESSOR_TIMEOUT_SECONDS = env.float("PROCESSOR_TIMEOUT_SECONDS", default=20.0)
PROCESSOR_CONNECT_TIMEOUT_SECONDS = env.float("PROCESSOR_CONNECT_TIMEOUT_SECONDS", default=5.0)
PROCESSOR_KEEPALIVE_SECONDS = env.float("PROCESSOR_KEEPALIVE_SECONDS", default=5.0)
PROCESSOR_CA_BUNDLE = env.str("PROCESSOR_CA_BUNDLE", default="")
PROCESSOR_VERIFY_TLS = env.bool("PROCESSOR_VERIFY_TLS", default=True)
# Repeats of what is safe to repeat: how many, and how long before the first; each wait is longer.
PROCESSOR_RETRIES = env.int("PROCESSOR_RETRIES", default=3)
PROCESSOR_RETRY_SECONDS = env.float("PROCESSOR_RETRY_SECONDS", default=2.0)
PROCESSOR_RETRY_FACTOR = env.float("PROCESSOR_RETRY_FACTOR", default=1.5)
# An account that fails this often in a row within the window is left alone for a while.
BREAKER_FAILURES = env.int("BREAKER_FAILURES", default=5)
BREAKER_WINDOW_SECONDS = env.float("BREAKER_WINDOW_SECONDS", default=30.0)
BREAKER_OPEN_SECONDS = env.float("BREAKER_OPEN_SECONDS", default=15.0)

# The platform's own account; an empty secret switches it off.
STRIPE_SECRET_KEY = secret("STRIPE_SECRET_KEY", "sk_test_simulated_platform")
STRIPE_ACCOUNT_ID = env.str("STRIPE_ACCOUNT_ID", default="" if IS_PRODUCTION else "acct_platform")
STRIPE_API_BASE = env.str(
    "STRIPE_API_BASE", default=f"{SIMULATOR_URL}/stripe" if SIMULATED_PROCESSORS else ""
)
SQUARE_API_BASE = env.str(
    "SQUARE_API_BASE", default=f"{SIMULATOR_URL}/square" if SIMULATED_PROCESSORS else ""
)
