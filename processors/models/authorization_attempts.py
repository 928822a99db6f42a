import hashlib

from django.db import models
from django.utils import timezone

from .connections import Connection


class AuthorizationAttempt(models.Model):
    """One person's way to the processor's page and back. Its state is good for one return.

    Only the state's digest is kept: who reads the table cannot finish anybody's attempt.
    """

    connection = models.OneToOneField(
        Connection, models.PROTECT, related_name="authorization_attempt"
    )
    state_digest = models.CharField(max_length=64, unique=True)
    started_by = models.CharField(max_length=60, help_text="Public id of a user.")
    redirect_url = models.CharField(max_length=500)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, help_text="When the person came back.")

    def __str__(self) -> str:
        return f"{self.connection_id} by {self.started_by}"


def digest_state(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
