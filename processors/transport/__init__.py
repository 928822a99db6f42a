"""What adapters share: one way out, total time limits, and care with what comes back.

`http_client` is the only door. It raises nothing of httpx for what goes wrong on the way, but
`ProcessorNotReached` when no byte of the request left us and `AnswerLost` for all else.
`AccountCalls` sends through the account's circuit breaker and repeats what is safe to repeat.
"""

from processors.transport.answers import NotUnderstood
from processors.transport.breaker import AccountLeftAlone, forget, is_open
from processors.transport.calls import AccountCalls, read_retry_after
from processors.transport.client import (
    CalledInsideTransaction,
    ProcessorTransport,
    http_client,
)
from processors.transport.credentials import find_credential, get_credential
from processors.transport.deadlines import get_seconds_left, time_limit
from processors.transport.statements import shared_lists

__all__ = [
    "AccountCalls",
    "AccountLeftAlone",
    "CalledInsideTransaction",
    "NotUnderstood",
    "ProcessorTransport",
    "find_credential",
    "forget",
    "get_credential",
    "get_seconds_left",
    "http_client",
    "is_open",
    "read_retry_after",
    "shared_lists",
    "time_limit",
]
