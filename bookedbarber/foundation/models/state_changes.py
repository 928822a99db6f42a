from django.db import models
from django.utils import timezone

from ..append_only import append_only


class StateChange(models.Model):
    """One move of one row from a state to another: who, when and why."""

    subject = models.CharField(max_length=60, help_text="Public id, or table:id.")
    before = models.CharField(max_length=30)
    after = models.CharField(max_length=30)
    by = models.CharField(max_length=60, help_text="Public id of a user or key, job:…, webhook:….")
    reason = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["subject", "id"], name="state_change_subject")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.subject}: {self.before} → {self.after}"
