from django.db import models
from django.utils import timezone

from ..append_only import append_only


class AuditEntry(models.Model):
    """One act of a person or job on something that is not a state: before and after."""

    subject = models.CharField(max_length=60)
    action = models.CharField(max_length=60)
    by = models.CharField(max_length=60)
    reason = models.TextField(blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["subject", "id"], name="audit_entry_subject")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
