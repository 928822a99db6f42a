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

# They rest on a person's word alone.
_FREE_KINDS = [AccrualKind.PLATFORM_FEE, AccrualKind.LATE_FEE, AccrualKind.CARRIED_OVER]


class AccrualQuerySet(models.QuerySet["Accrual"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(get_visibility(user, "barber__"))


class Accrual(models.Model):
    """One step of what a barber comes to owe; a negative amount is a credit.

    Commission of a sale is a target; its accruals are the steps to it, so `commission`, `kept`
    and `amount` are differences. Of other kinds only the amount says something.
    """

    environment = models.CharField(max_length=10, choices=Environment.choices)
    barber = models.ForeignKey(Barber, models.PROTECT, related_name="accruals")
    kind = models.CharField(max_length=20, choices=AccrualKind.choices)
    sale = models.ForeignKey(
        ExternalTransaction, models.PROTECT, null=True, related_name="accruals"
    )
    revision = models.PositiveIntegerField(default=1)
    base_minor = models.BigIntegerField(default=0, help_text="What was left of the sale's base.")
    rate = models.DecimalField(max_digits=7, decimal_places=4, default=0, help_text="Percent.")
    commission_minor = models.BigIntegerField(
        default=0, help_text="Step of the commission that is due."
    )
    kept_minor = models.BigIntegerField(
        default=0, help_text="Step of what the platform already holds."
    )
    # The plans live in an app above this one.
    rent_plan_id = models.BigIntegerField(null=True)
    period_start = models.DateField(null=True, help_text="First day that the rent is for.")
    period_end = models.DateField(null=True, help_text="The day after its last.")
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, db_index=False, related_name="corrections"
    )
    movement = models.ForeignKey(
        ExternalTransaction,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="repaid_accruals",
        help_text="What gave a debit back to the barber.",
    )
    reference = models.CharField(
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text="What a repeated request names again, so that it accrues once.",
    )
    reason = models.TextField(blank=True, default="", db_default="")
    amount_minor = models.BigIntegerField(help_text="Step of what the barber owes.")
    currency = models.CharField(max_length=3)
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = AccrualQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sale", "revision"], name="accrual_step_once"),
            models.UniqueConstraint(
                fields=["rent_plan_id", "period_start"],
                condition=~Q(rent_plan_id=None),
                name="accrual_rent_once",
            ),
            models.UniqueConstraint(
                fields=["movement"], condition=~Q(movement=None), name="accrual_repaid_once"
            ),
            models.UniqueConstraint(
                fields=["environment", "barber", "kind", "reference"],
                condition=~Q(reference=""),
                name="accrual_reference_once",
            ),
            models.CheckConstraint(
                condition=~Q(kind=AccrualKind.COMMISSION)
                | Q(amount_minor=F("commission_minor") - F("kept_minor")),
                name="accrual_is_what_is_not_kept",
            ),
            models.CheckConstraint(
                condition=Q(kind=AccrualKind.COMMISSION, sale__isnull=False)
                | Q(
                    kind=AccrualKind.RENT,
                    sale=None,
                    rent_plan_id__isnull=False,
                    period_start__isnull=False,
                    period_end__gt=F("period_start"),
                )
                | Q(kind=AccrualKind.ADJUSTMENT, sale=None, corrects__isnull=False)
                | Q(kind=AccrualKind.REPAID, sale=None, movement__isnull=False)
                | Q(kind__in=_FREE_KINDS, sale=None),
                name="accrual_names_its_source",
            ),
        ]
        indexes = [
            models.Index(
                fields=["corrects"], condition=~Q(corrects=None), name="accrual_corrections"
            ),
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
