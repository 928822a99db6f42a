from typing import Self

from django.db import models
from django.utils import timezone

from bookedbarber.accounts.models import Barber, User
from bookedbarber.accounts.models.barbers import get_visibility
from bookedbarber.accounts.roles import Role


class ClientQuerySet(models.QuerySet["Client"]):
    def visible_to(self, user: User) -> Self:
        if user.role == Role.CLIENT:
            return self.filter(user=user)
        return self.filter(get_visibility(user, "barber__"))


class Client(models.Model):
    """Somebody who has his hair cut by a barber, and may log in to pay."""

    barber = models.ForeignKey(Barber, models.PROTECT, related_name="clients")
    user = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="client_profiles"
    )
    name = models.CharField(max_length=100)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ClientQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
