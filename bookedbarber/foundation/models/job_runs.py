from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class JobRunQuerySet(models.QuerySet["JobRun"]):
    def lost(self, *, now: datetime) -> Self:
        """Begun, not ended, and nobody keeps them alive."""
        return self.filter(ended_at=None, lease_until__lt=now)


class JobRun(models.Model):
    """One slot of one job: the moment it was due, or when a person started it by hand."""

    job = models.CharField(max_length=100, help_text="The task's name.")
    slot = models.DateTimeField(help_text="When it was due.")
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(help_text="Kept ahead while it runs; over: it was lost.")
    tries = models.PositiveSmallIntegerField(default=1)
    figures = models.JSONField(default=dict, help_text="What it did, so far or in all.")
    error = models.TextField(blank=True, help_text="Why it failed.")

    objects = JobRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "slot"], name="job_run_once"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="job_run_ends_after_its_start",
            ),
            models.CheckConstraint(
                condition=Q(error="") | Q(ended_at__isnull=False), name="job_run_failed_is_ended"
            ),
        ]
        indexes = [
            models.Index(
                fields=["lease_until"], condition=Q(ended_at=None), name="job_run_under_way"
            ),
            models.Index(fields=["started_at"], name="job_run_age"),
        ]

    def __str__(self) -> str:
        return f"{self.job} of {self.slot:%Y-%m-%d %H:%M:%S}"

    @property
    def state(self) -> str:
        if self.ended_at is None:
            return "running"
        return "failed" if self.error else "completed"
