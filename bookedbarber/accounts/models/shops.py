from django.db import models
from django.utils import timezone


class Enterprise(models.Model):
    """Somebody who owns several shops."""

    name = models.CharField(max_length=100)
    owner = models.ForeignKey("accounts.User", models.PROTECT, related_name="enterprises")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.name


class Shop(models.Model):
    """Where barbers work. Its owner, and its enterprise's, see its barbers' sales."""

    name = models.CharField(max_length=100)
    owner = models.ForeignKey("accounts.User", models.PROTECT, related_name="shops")
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="shops"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.name
