from functools import partial
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bookedbarber.accounts.models import Barber, User
from bookedbarber.accounts.models.barbers import get_visibility
from bookedbarber.foundation.ids import new_public_id
from processors.models import Connection
from processors.states import Environment

from ..states import MandateKind


class MandateQuerySet(models.QuerySet["Mandate"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(get_visibility(user, "barber__"))

    def live(self) -> Self:
        return self.filter(withdrawn_at=None)


class Mandate(models.Model):
    """A barber's consent that a saved card or bank account is debited, as it was given."""

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "mnd")
    )
    barber = models.ForeignKey(Barber, models.PROTECT, related_name="mandates")
    environment = models.CharField(max_length=10, choices=Environment.choices)
    connection = models.ForeignKey(
        Connection, models.PROTECT, related_name="mandates", help_text="The platform’s account."
    )
    customer_id = models.CharField(max_length=255, help_text="The barber, at the processor.")
    payment_method_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=20, choices=MandateKind.choices)
    brand = models.CharField(max_length=40, blank=True)
    last4 = models.CharField(max_length=4, blank=True)
    bank_name = models.CharField(max_length=100, blank=True)
    consent_text = models.TextField()
    consent_version = models.CharField(max_length=40)
    accepted_at = models.DateTimeField()
    accepted_by = models.CharField(max_length=60)
    accepted_from = models.CharField(max_length=45, blank=True, help_text="Network address.")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = MandateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "payment_method_id"],
                condition=Q(withdrawn_at=None),
                name="mandate_of_method_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["barber", "environment", "-id"],
                condition=Q(withdrawn_at=None),
                name="mandate_live",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def subject(self) -> str:
        return self.public_id


class MandateSetupQuerySet(models.QuerySet["MandateSetup"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(get_visibility(user, "barber__"))


class MandateSetup(models.Model):
    """A barber who has agreed is on his way to save a method, on the processor's own page.

    It ends with a mandate, or without one.
    """

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "mst")
    )
    barber = models.ForeignKey(Barber, models.PROTECT, related_name="mandate_setups")
    environment = models.CharField(max_length=10, choices=Environment.choices)
    connection = models.ForeignKey(
        Connection, models.PROTECT, related_name="mandate_setups", help_text="The platform’s."
    )
    customer_id = models.CharField(max_length=255, blank=True)
    external_id = models.CharField(max_length=255, blank=True, help_text="The page.")
    consent_text = models.TextField()
    consent_version = models.CharField(max_length=40)
    accepted_at = models.DateTimeField()
    accepted_by = models.CharField(max_length=60)
    accepted_from = models.CharField(max_length=45, blank=True, help_text="Network address.")
    mandate = models.OneToOneField(Mandate, models.PROTECT, null=True, related_name="setup")
    ended_at = models.DateTimeField(null=True)

    objects = MandateSetupQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(ended_at=None), name="mandate_setup_open"),
        ]

    def __str__(self) -> str:
        return self.public_id
