from typing import Self

from django.db import models
from django.db.models import Q

from bookedbarber.accounts.models import Barber, User
from bookedbarber.accounts.models.barbers import get_visibility
from bookedbarber.foundation.money import Money
from processors.states import Environment


class OutstandingAlertQuerySet(models.QuerySet["OutstandingAlert"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(get_visibility(user, "barber__"))

    def open(self) -> Self:
        return self.filter(closed_at=None)


class OutstandingAlert(models.Model):
    """A barber owed more than his terms allow, from when until when; told once for each time."""

    environment = models.CharField(max_length=10, choices=Environment.choices)
    barber = models.ForeignKey(Barber, models.PROTECT, related_name="outstanding_alerts")
    currency = models.CharField(max_length=3)
    owed_minor = models.BigIntegerField(help_text="When it was opened.")
    maximum_minor = models.BigIntegerField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = OutstandingAlertQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["environment", "barber", "currency"],
                condition=Q(closed_at=None),
                name="outstanding_alert_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owed} of barber {self.barber_id}"

    @property
    def owed(self) -> Money:
        return Money(self.owed_minor, self.currency)

    @property
    def maximum(self) -> Money:
        return Money(self.maximum_minor, self.currency)
