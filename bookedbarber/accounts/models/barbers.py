from typing import Self
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from ..roles import Role
from .shops import Shop
from .users import User


def check_time_zone(name: str) -> None:
    """
    :raises ValidationError: not in the time zone database.
    """
    if name not in available_timezones():
        raise ValidationError(f"{name} is not a time zone")


class BarberQuerySet(models.QuerySet["Barber"]):
    def visible_to(self, user: User) -> Self:
        """Barbers whose money this person may see. Clients see none."""
        return self.filter(get_visibility(user))


class Barber(models.Model):
    """Somebody who is paid for haircuts."""

    user = models.OneToOneField(User, models.PROTECT, related_name="barber")
    shop = models.ForeignKey(Shop, models.PROTECT, null=True, blank=True, related_name="barbers")
    name = models.CharField(max_length=100)
    time_zone = models.CharField(max_length=50, default="UTC", validators=[check_time_zone])
    # Raised by every change of config, mode or connection; what is cached under an older
    # version is ignored.
    routing_version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = BarberQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


def get_visibility(user: User, path: str = "") -> models.Q:
    """Rows whose barber this person may see; `path` leads from the row to the barber ("barber__").

    One condition for every model, so that nobody writes it a second time and slightly otherwise.
    """
    match user.role:
        case Role.ADMIN:
            return models.Q() if user.is_staff else models.Q(pk__in=[])
        case Role.BARBER:
            return models.Q(**{f"{path}user_id": user.pk})
        case Role.SHOP_OWNER:
            return models.Q(**{f"{path}shop__owner_id": user.pk})
        case Role.ENTERPRISE_OWNER:
            return models.Q(**{f"{path}shop__enterprise__owner_id": user.pk})
        case _:
            return models.Q(pk__in=[])
