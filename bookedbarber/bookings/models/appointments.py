from typing import Self

from django.db import models
from django.utils import timezone

from bookedbarber.accounts.models import Barber, User
from bookedbarber.accounts.models.barbers import get_visibility
from bookedbarber.accounts.roles import Role
from bookedbarber.foundation.money import Money

from .clients import Client


class AppointmentStatus(models.TextChoices):
    BOOKED = "booked"
    COMPLETED = "completed"
    CANCELED = "canceled"
    NO_SHOW = "no_show"


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def visible_to(self, user: User) -> Self:
        """A client's own appointments; for others those of the barbers they may see."""
        if user.role == Role.CLIENT:
            return self.filter(client__user=user)
        return self.filter(get_visibility(user, "barber__"))


class Appointment(models.Model):
    """A visit at a time for a price: what a payment is for."""

    barber = models.ForeignKey(Barber, models.PROTECT, related_name="appointments")
    client = models.ForeignKey(Client, models.PROTECT, related_name="appointments")
    service_name = models.CharField(max_length=100)
    price_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    starts_at = models.DateTimeField()
    status = models.CharField(
        max_length=20, choices=AppointmentStatus.choices, default=AppointmentStatus.BOOKED
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price_minor__gt=0), name="appointment_price_is_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=AppointmentStatus.values),
                name="appointment_status_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["barber", "-starts_at"], name="appointment_of_barber"),
            models.Index(fields=["client", "-starts_at"], name="appointment_of_client"),
        ]

    def __str__(self) -> str:
        return f"{self.service_name}, {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)
