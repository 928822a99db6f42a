from django.db import models

from bookedbarber.accounts.models import Barber


class Service(models.Model):
    """What a barber offers, and for how much."""

    barber = models.ForeignKey(Barber, models.PROTECT, related_name="services")
    name = models.CharField(max_length=100)
    price_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    is_offered = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price_minor__gt=0), name="service_price_is_positive"
            ),
            models.UniqueConstraint(fields=["barber", "name"], name="service_offered_once"),
        ]

    def __str__(self) -> str:
        return self.name
