from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from bookedbarber.accounts.models import Barber, User
from bookedbarber.accounts.models.barbers import get_visibility
from bookedbarber.foundation.append_only import append_only
from bookedbarber.foundation.money import Money
from processors.states import Environment

from ..states import AccrualKind
from .transactions import ExternalTransaction


class AccrualQuerySet(models.QuerySet["Accrual"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(get_visibility(user, "barber__"))


class Accrual(models.Model):
    """One step of what a barber comes to owe. Commission of a sale is a target; these are the
    steps to it, so `commission`, `kept` and `amount` are differences."""

    environment = models.CharField(max_length=10, choices=Environment.choices)
    barber = models.ForeignKey(Barber, models.PROTECT, related_name="accruals")
    kind = models.CharField(max_length=20, choices=AccrualKind.choices)
    sale = models.ForeignKey(ExternalTransaction, models.PROTECT, related_name="accruals")
    revision = models.PositiveIntegerField()
    base_minor = models.BigIntegerField(help_text="What was left of the sale's base.")
    rate = models.DecimalField(max_digits=7, decimal_places=4, help_text="Percent.")
    commission_minor = models.BigIntegerField(help_text="Step of the commission that is due.")
    kept_minor = models.BigIntegerField(help_text="Step of what the platform already holds.")
    amount_minor = models.BigIntegerField(help_text="Step of what the barber owes.")
    currency = models.CharField(max_length=3)
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = AccrualQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sale", "revision"], name="accrual_step_once"),
            models.CheckConstraint(
                condition=Q(amount_minor=F("commission_minor") - F("kept_minor")),
                name="accrual_amount_is_what_is_not_kept",
            ),
        ]
        indexes = [
            models.Index(
                fields=["barber", "currency", "occurred_at"],
                condition=~Q(amount_minor=0),
                name="accrual_owed",
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"accrual:{self.pk}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
