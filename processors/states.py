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
    PAYOUT_DESTINATION = "payout_destination"


class Environment(models.TextChoices):
    SANDBOX = "sandbox"
    PRODUCTION = "production"


class WebhookState(models.TextChoices):
    RECEIVED = "received"
    HANDLED = "handled"
    IGNORED = "ignored"
    PARKED = "parked"
    RETRYING = "retrying"
    DEAD = "dead"


_W = WebhookState

# No state says "being handled": whoever handles an event holds its row's lock.
WEBHOOK_TRANSITIONS: dict[str, frozenset[str]] = {
    _W.RECEIVED: frozenset({_W.HANDLED, _W.IGNORED, _W.PARKED, _W.RETRYING}),
    _W.RETRYING: frozenset({_W.HANDLED, _W.IGNORED, _W.PARKED, _W.DEAD}),
    _W.PARKED: frozenset({_W.RECEIVED, _W.DEAD}),
    _W.IGNORED: frozenset({_W.RECEIVED}),
    _W.DEAD: frozenset({_W.RECEIVED}),
    _W.HANDLED: frozenset(),
}

# Those that the worker takes when they are due.
DUE_WEBHOOK_STATES = frozenset({_W.RECEIVED, _W.RETRYING})
# Those that wait for something.
OPEN_WEBHOOK_STATES = DUE_WEBHOOK_STATES | {_W.PARKED}
