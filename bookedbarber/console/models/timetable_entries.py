from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ..rules.schedules import ScheduleNotUnderstood, find_last_beat, find_last_time, read_times


def check_times(text: str) -> None:
    """
    :raises ValidationError: these are no five cron fields.
    """
    try:
        read_times(text)
    except ScheduleNotUnderstood as error:
        raise ValidationError(str(error)) from error


class TimetableEntry(models.Model):
    """When a job is started. The code names the jobs; operators decide when, and whether."""

    name = models.CharField(max_length=100, unique=True)
    job = models.CharField(max_length=100, help_text="The task's name.")
    every_seconds = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="Or else times."
    )
    times = models.CharField(
        max_length=100,
        blank=True,
        validators=[check_times],
        help_text="Minute, hour, day, month, weekday in UTC: “0 2 * * *” is at two each day.",
    )
    has_slots = models.BooleanField(
        help_text="Each time is run once and recorded; sweeps of every few seconds are not."
    )
    is_enabled = models.BooleanField(default=True)
    last_slot = models.DateTimeField(
        default=timezone.now, editable=False, help_text="The last time it was started for."
    )

    class Meta:
        verbose_name_plural = "timetable entries"
        constraints = [
            models.CheckConstraint(
                condition=Q(every_seconds__isnull=False, every_seconds__gt=0, times="")
                | (Q(every_seconds=None) & ~Q(times="")),
                name="timetable_entry_has_one_schedule",
                violation_error_message="Give either seconds or times.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def find_due_slot(self, *, now: datetime) -> datetime | None:
        """The latest time that it was not yet started for; times missed before it are left out."""
        slot = self._find_last_slot(now)
        return slot if slot is not None and slot > self.last_slot else None

    def find_next_beat(self, *, now: datetime) -> datetime | None:
        """When it is due again, None where it goes by times."""
        if self.every_seconds is None:
            return None
        every = timedelta(seconds=self.every_seconds)
        return find_last_beat(every, now=now) + every

    def _find_last_slot(self, now: datetime) -> datetime | None:
        if self.every_seconds is not None:
            return find_last_beat(timedelta(seconds=self.every_seconds), now=now)
        return find_last_time(read_times(self.times), now=now)
