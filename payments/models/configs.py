from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from bookedbarber.accounts.models import Barber, User
from bookedbarber.accounts.models.barbers import get_visibility
from bookedbarber.foundation.append_only import append_only

from ..states import CollectionFrequency, Mode


class ConfigQuerySet(models.QuerySet["HybridPaymentConfig"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(get_visibility(user, "barber__"))

    def in_force(self, *, at: datetime) -> Self:
        """Versions that had begun by then, the newest of each barber first."""
        return self.filter(effective_at__lte=at).order_by("barber_id", "-effective_at")


class HybridPaymentConfig(models.Model):
    """A version of how a barber is paid. The one in force is his config, the rest its history."""

    barber = models.ForeignKey(Barber, models.PROTECT, related_name="payment_configs")
    effective_at = models.DateTimeField()
    mode = models.CharField(max_length=20, choices=Mode.choices)
    commission_rate = models.DecimalField(max_digits=7, decimal_places=4, help_text="Percent.")
    commission_on_tips = models.BooleanField(default=False)
    commission_on_cash = models.BooleanField(default=False)
    currency = models.CharField(max_length=3, help_text="Of the thresholds below.")
    min_external_minor = models.BigIntegerField(null=True, blank=True)
    max_platform_minor = models.BigIntegerField(null=True, blank=True)
    split_threshold_minor = models.BigIntegerField(null=True, blank=True)
    fallback_enabled = models.BooleanField(default=True)
    preferred_processor = models.CharField(max_length=20, blank=True)
    collection_frequency = models.CharField(
        max_length=10, choices=CollectionFrequency.choices, default=CollectionFrequency.WEEKLY
    )
    minimum_collection_minor = models.BigIntegerField(default=2500)
    auto_collection = models.BooleanField(default=True)
    collection_day = models.PositiveSmallIntegerField(
        default=1,
        db_default=1,
        help_text="Begins a period: 1 (Monday) to 7 if weekly, of the month if monthly.",
    )
    buffer_days = models.PositiveSmallIntegerField(
        default=3, db_default=3, help_text="Between a period's end and its collection."
    )
    net_rent = models.BooleanField(
        default=False, db_default=False, help_text="Rent and commission are one collection."
    )
    net_from_payout = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Taken from the next payout where that covers it.",
    )
    maximum_outstanding_minor = models.BigIntegerField(
        default=100_000, db_default=100_000, help_text="Above it barber and operator are told."
    )
    set_by = models.CharField(max_length=60)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ConfigQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["barber", "effective_at"], name="config_version_once"),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="config_mode_is_known"),
            models.CheckConstraint(
                condition=Q(commission_rate__gte=0, commission_rate__lte=100),
                name="config_rate_is_percentage",
            ),
            models.CheckConstraint(
                condition=Q(min_external_minor=None)
                | Q(max_platform_minor=None)
                | Q(min_external_minor__lte=F("max_platform_minor")),
                name="config_thresholds_are_ordered",
            ),
            models.CheckConstraint(
                condition=(Q(min_external_minor=None) | Q(min_external_minor__gt=0))
                & (Q(max_platform_minor=None) | Q(max_platform_minor__gt=0))
                & (Q(split_threshold_minor=None) | Q(split_threshold_minor__gt=0))
                & Q(minimum_collection_minor__gte=0),
                name="config_amounts_are_positive",
            ),
            models.CheckConstraint(
                condition=Q(
                    collection_day__gte=1,
                    collection_day__lte=31,
                    buffer_days__lte=31,
                    maximum_outstanding_minor__gte=0,
                )
                & (~Q(collection_frequency=CollectionFrequency.WEEKLY) | Q(collection_day__lte=7)),
                name="config_collection_terms_make_sense",
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.mode} from {self.effective_at:%Y-%m-%d %H:%M}"
