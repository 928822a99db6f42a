"""Which states an outgoing mail has, and which moves between them exist."""

from django.db import models


class MailState(models.TextChoices):
    PENDING = "pending"
    RETRYING = "retrying"
    SENT = "sent"
    DEAD = "dead"


_M = MailState

MAIL_TRANSITIONS: dict[str, frozenset[str]] = {
    _M.PENDING: frozenset({_M.SENT, _M.RETRYING, _M.DEAD}),
    _M.RETRYING: frozenset({_M.SENT, _M.DEAD}),
    # A person sends it again.
    _M.SENT: frozenset({_M.PENDING}),
    _M.DEAD: frozenset({_M.PENDING}),
}

# Those that a worker takes when they are due.
DUE_MAIL_STATES = frozenset({_M.PENDING, _M.RETRYING})
