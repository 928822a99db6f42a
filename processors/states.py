"""Which states a connection has, and which moves between them exist."""

from django.db import models


class ConnectionState(models.TextChoices):
    PENDING = "pending"
    CONNECTED = "connected"
    ERROR = "error"
    EXPIRED = "expired"
    DISCONNECTED = "disconnected"
    REMOVED = "removed"


_S = ConnectionState

CONNECTION_TRANSITIONS: dict[str, frozenset[str]] = {
    _S.PENDING: frozenset({_S.CONNECTED, _S.REMOVED}),
    _S.CONNECTED: frozenset({_S.ERROR, _S.EXPIRED, _S.DISCONNECTED}),
    _S.ERROR: frozenset({_S.CONNECTED, _S.EXPIRED, _S.DISCONNECTED}),
    _S.EXPIRED: frozenset({_S.CONNECTED, _S.DISCONNECTED}),
    _S.DISCONNECTED: frozenset({_S.CONNECTED}),
    _S.REMOVED: frozenset(),
}


# In these we speak for the account.
LIVE_CONNECTION_STATES = frozenset({_S.CONNECTED, _S.ERROR, _S.EXPIRED})
# In these there is no account to be seen: not yet, or never.
NO_ACCOUNT_STATES = frozenset({_S.PENDING, _S.REMOVED})


class ConnectionRole(models.TextChoices):
    PLATFORM = "platform"
    BARBER = "barber"


class Environment(models.TextChoices):
    SANDBOX = "sandbox"
    PRODUCTION = "production"
