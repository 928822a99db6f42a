import json
from collections.abc import Sequence
from typing import Self

from django.db import models
from django.db.models import Q

from bookedbarber.foundation import encryption

from ..states import Environment
from .connections import Connection


class WebhookDoorQuerySet(models.QuerySet["WebhookDoor"]):
    def at(self, processor: str, environment: str, connection_id: int | None) -> Self:
        """The door of a connection, or of the processor's application: one at most."""
        return self.filter(
            Q(connection=connection_id), processor=processor, environment=environment
        )


class WebhookDoor(models.Model):
    """One address for a processor's events: a connection's own, or its application's (none).

    An application's address serves all the accounts that were connected by OAuth.
    """

    processor = models.CharField(max_length=20)
    environment = models.CharField(max_length=10, choices=Environment.choices)
    connection = models.OneToOneField(
        Connection, models.PROTECT, null=True, blank=True, related_name="webhook_door"
    )
    # The secrets that sign now, newest first: several while one is being replaced.
    sealed_secrets = models.BinaryField(null=True, editable=False)
    secret_added_at = models.DateTimeField(null=True)
    refused_count = models.BigIntegerField(default=0, help_text="Requests that were not genuine.")
    last_refused_at = models.DateTimeField(null=True)
    last_refusal = models.CharField(max_length=200, blank=True)

    objects = WebhookDoorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["processor", "environment"],
                condition=Q(connection=None),
                name="webhook_door_application_once",
            ),
            models.CheckConstraint(
                condition=Q(environment__in=Environment.values),
                name="webhook_door_environment_is_known",
            ),
            models.CheckConstraint(
                condition=Q(refused_count__gte=0), name="webhook_door_counts_from_zero"
            ),
        ]

    def __str__(self) -> str:
        whose = "its application" if self.connection_id is None else str(self.connection_id)
        return f"{self.processor} webhooks of {whose}"

    @property
    def subject(self) -> str:
        return f"webhook_door:{self.processor}:{self.environment}:{self.connection_id or 0}"

    def seal_secrets(self, secrets: Sequence[str]) -> None:
        """Replace the signing secrets, newest first; none closes the door."""
        text = json.dumps(list(secrets))
        self.sealed_secrets = encryption.encrypt(text, row=self.subject) if secrets else None

    def get_secrets(self) -> tuple[str, ...]:
        """The secrets that sign now, newest first.

        :raises CannotDecrypt: the key is missing, or they are another row's.
        """
        if self.sealed_secrets is None:
            return ()
        text = encryption.decrypt(bytes(self.sealed_secrets), row=self.subject)
        return tuple(json.loads(text))

    def reseal_secrets(self) -> bool:
        """Encrypt again with the first key; False when that was so already."""
        if self.sealed_secrets is None or encryption.is_current(bytes(self.sealed_secrets)):
            return False
        self.seal_secrets(self.get_secrets())
        return True
