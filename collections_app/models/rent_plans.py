from functools import partial
from typing import Self

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone

from bookedbarber.accounts.models import Barber, User
from bookedbarber.accounts.models.barbers import get_visibility
from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.money import Money
from processors.states import Environment

from ..states import RentFrequency

# Closing a plan is its only change: what was accrued under it must stay explained.
_FIXED = [
    "public_id",
    "environment",
    "barber",
    "amount_minor",
    "currency",
    "frequency",
    "starts_on",
]


class RentPlanQuerySet(models.QuerySet["RentPlan"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(get_visibility(user, "barber__"))


class RentPlan(models.Model):
    """What a barber pays for his chair, for each period, in his local days."""

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "rnt")
    )
    environment = models.CharField(max_length=10, choices=Environment.choices)
    barber = models.ForeignKey(Barber, models.PROTECT, related_name="rent_plans")
    amount_minor = models.BigIntegerField(help_text="Of a whole period.")
    currency = models.CharField(max_length=3)
    frequency = models.CharField(max_length=20, choices=RentFrequency.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="The day after its last.")
    set_by = models.CharField(max_length=60)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = RentPlanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="rent_amount_is_positive"),
            models.CheckConstraint(
                condition=Q(frequency__in=RentFrequency.values), name="rent_frequency_is_known"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="rent_ends_after_it_starts",
            ),
            ExclusionConstraint(
                name="rent_plans_do_not_overlap",
                expressions=[
                    (F("barber"), RangeOperators.EQUAL),
                    (F("environment"), RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts_on"),
                            F("ends_on"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="closed_at_most", fields=_FIXED),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def subject(self) -> str:
        return self.public_id

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
