"""What adapters share: one way out, total time limits, and care with what comes back.

`http_client` is the only door. It raises nothing of httpx for what goes wrong on the way, but
`ProcessorNotReached` when no byte of the request left us and `AnswerLost` for all else.
"""

from processors.transport.answers import NotUnderstood
from processors.transport.client import (
    CalledInsideTransaction,
    ProcessorTransport,
    http_client,
)
from processors.transport.credentials import find_credential, get_credential
from processors.transport.deadlines import time_limit

__all__ = [
    "CalledInsideTransaction",
    "NotUnderstood",
    "ProcessorTransport",
    "find_credential",
    "get_credential",
    "http_client",
    "time_limit",
]
