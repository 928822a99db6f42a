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


class ConnectionRole(models.TextChoices):
    PLATFORM = "platform"
    BARBER = "barber"
    PAYOUT_DESTINATION = "payout_destination"


class Environment(models.TextChoices):
    SANDBOX = "sandbox"
    PRODUCTION = "production"
