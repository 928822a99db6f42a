"""Connections: OAuth, and when one takes no more payments.

Our applications at the processors: without an id there is no such button.
"""

from .simulator import SIMULATED_PROCESSORS, SIMULATOR_URL
from .surroundings import PUBLIC_URL
from .variables import env

STRIPE_CLIENT_ID = env.str(
    "STRIPE_CLIENT_ID", default="ca_simulated" if SIMULATED_PROCESSORS else ""
)
# Where account owners authorize, and tokens come from.
STRIPE_CONNECT_BASE = env.str(
    "STRIPE_CONNECT_BASE", default=f"{SIMULATOR_URL}/stripe" if SIMULATED_PROCESSORS else ""
)
SQUARE_APPLICATION_ID = env.str(
    "SQUARE_APPLICATION_ID",
    default="sandbox-sq0idb-simulated" if SIMULATED_PROCESSORS else "",
)
SQUARE_APPLICATION_SECRET = env.str(
    "SQUARE_APPLICATION_SECRET",
    default="sandbox-sq0csb-simulated" if SIMULATED_PROCESSORS else "",
)
# The application's own access token: its webhook subscription is made with it.
SQUARE_APPLICATION_TOKEN = env.str(
    "SQUARE_APPLICATION_TOKEN",
    default="EAAA_simulated_application" if SIMULATED_PROCESSORS else "",
)
# Where people come back to; "{processor}" is filled in. Registered with each application.
OAUTH_REDIRECT_URL = env.str(
    "OAUTH_REDIRECT_URL", default=PUBLIC_URL + "/payments/connections/oauth/{processor}/callback"
)
# How long a person may take to authorize, and how long after a failed renewal the next is tried.
OAUTH_STATE_SECONDS = env.float("OAUTH_STATE_SECONDS", default=3600.0)
OAUTH_RETRY_SECONDS = env.float("OAUTH_RETRY_SECONDS", default=600.0)
# A connection that fails this often in a row takes no more payments until it answers again.
CONNECTION_ERRORS = env.int("CONNECTION_ERRORS", default=5)
