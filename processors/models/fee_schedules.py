from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone

from bookedbarber.foundation.append_only import append_only


class FeeScheduleQuerySet(models.QuerySet["FeeSchedule"]):
    def in_force(self, processor: str, *, at: datetime) -> Self:
        """The schedules of a processor that apply at a moment, newest first."""
        return self.filter(processor=processor, effective_at__lte=at).order_by("-effective_at")


class FeeSchedule(models.Model):
    """What a processor charges for a sale from a moment on; the past does not change."""

    processor = models.CharField(max_length=20)
    effective_at = models.DateTimeField()
    percent = models.DecimalField(max_digits=7, decimal_places=4)
    fixed_minor = models.BigIntegerField()
    source = models.CharField(max_length=200, help_text="Where these figures come from.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = FeeScheduleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["processor", "effective_at"], name="fee_schedule_version_once"
            ),
            models.CheckConstraint(
                condition=models.Q(percent__gte=0, percent__lte=100, fixed_minor__gte=0),
                name="fee_schedule_makes_sense",
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.processor}: {self.percent} % + {self.fixed_minor}"
