"""Why a start ends early.

LaunchError
├── ProcessDied      one of our processes ended by itself
└── TookTooLong      something we wait for did not come in time
StopRequested        somebody asked us to stop: not an error
"""


class LaunchError(Exception):
    """It cannot start; the message says why in a sentence or two."""


class ProcessDied(LaunchError):
    """One of our processes ended by itself."""


class TookTooLong(LaunchError):
    """Something we wait for did not come in time."""


class StopRequested(Exception):
    """SIGINT, SIGTERM or SIGHUP arrived."""
