from django.db import models
from django.utils import timezone


class IdempotencyKey(models.Model):
    """A request that was seen, and its answer once that is final.

    A surrogate id stands beside (principal, key) because the admin cannot show composite keys.
    """

    principal = models.CharField(max_length=60, help_text="Who sent it.")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body.")
    subject = models.CharField(max_length=60, blank=True, help_text="Public id of what it made.")
    status = models.PositiveSmallIntegerField(null=True, help_text="HTTP status of the answer.")
    answer = models.JSONField(null=True)
    lease_until = models.DateTimeField(help_text="Until then the first request is under way.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["principal", "key"], name="idempotency_key_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_key_age")]

    def __str__(self) -> str:
        return f"{self.principal}: {self.key}"
