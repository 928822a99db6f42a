from functools import partial
from typing import ClassVar, Self

from django.db import models
from django.db.models import JSONField, Q, Value
from django.utils import timezone

from bookedbarber.accounts.models import User
from bookedbarber.accounts.models.barbers import get_visibility
from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.transitions import Transitions
from processors.models import Connection

from ..states import DISCREPANCY_TRANSITIONS, DiscrepancyKind, DiscrepancyState, Fix
from .payments import PaymentLeg
from .payouts import Payout
from .transactions import ExternalTransaction


class DiscrepancyQuerySet(models.QuerySet["Discrepancy"]):
    def visible_to(self, user: User) -> Self:
        """What is about a barber's payment; what nobody can place is for admins only."""
        return self.filter(get_visibility(user, "leg__payment__barber__"))

    def open(self) -> Self:
        return self.filter(state=DiscrepancyState.OPEN)

    def on_closed_leg(self, charge: ExternalTransaction) -> Self:
        """About this money, which moved on a closed leg, or its coming back after a refund."""
        about = Q(transaction=charge) | Q(transaction__sale=charge)
        return self.filter(about, kind=DiscrepancyKind.MONEY_ON_CLOSED_LEG)


class Discrepancy(models.Model):
    """One difference found; open until a person resolves it with a reason.

    What a reconciliation found names the object at the processor (`movement_kind`, `external_id`)
    with the figures of both sides, and resolves itself when both say the same.
    """

    TRANSITIONS: ClassVar[Transitions] = DISCREPANCY_TRANSITIONS

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "dis")
    )
    kind = models.CharField(max_length=30, choices=DiscrepancyKind.choices)
    state = models.CharField(
        max_length=20, choices=DiscrepancyState.choices, default=DiscrepancyState.OPEN
    )
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="discrepancies")
    leg = models.ForeignKey(
        PaymentLeg, models.PROTECT, null=True, blank=True, related_name="discrepancies"
    )
    transaction = models.ForeignKey(
        ExternalTransaction, models.PROTECT, null=True, blank=True, related_name="discrepancies"
    )
    payout = models.ForeignKey(
        Payout, models.PROTECT, null=True, blank=True, related_name="discrepancies"
    )
    movement_kind = models.CharField(max_length=20, blank=True, default="", db_default="")
    external_id = models.CharField(max_length=255, blank=True, default="", db_default="")
    occurred_at = models.DateTimeField(null=True, help_text="When its money moved.")
    ours = models.JSONField(null=True, help_text="Our figures; amounts in minor units.")
    theirs = models.JSONField(null=True, help_text="The processor's figures.")
    statement = models.JSONField(null=True, help_text="What the processor says, to be recorded.")
    twin = models.ForeignKey(
        ExternalTransaction,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The other sale of the same visit.",
    )
    is_urgent = models.BooleanField(default=False, db_default=False)
    fixes = models.JSONField(default=list, db_default=Value([], JSONField()))
    fix = models.CharField(
        max_length=20, choices=Fix.choices, blank=True, default="", db_default=""
    )
    explanation = models.TextField()
    opened_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True)

    objects = DiscrepancyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "discrepancies"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=DiscrepancyState.values), name="discrepancy_state_is_known"
            ),
            models.UniqueConstraint(
                fields=["kind", "leg"],
                condition=Q(state=DiscrepancyState.OPEN, transaction=None, external_id=""),
                name="discrepancy_of_leg_open_once",
            ),
            models.UniqueConstraint(
                fields=["kind", "transaction"],
                condition=~Q(transaction=None) & Q(external_id=""),
                name="discrepancy_of_movement_once",
            ),
            models.UniqueConstraint(
                fields=["connection", "movement_kind", "external_id"],
                condition=Q(state=DiscrepancyState.OPEN) & ~Q(external_id=""),
                name="discrepancy_of_object_open_once",
            ),
            models.UniqueConstraint(
                fields=["kind", "payout"],
                condition=Q(state=DiscrepancyState.OPEN) & ~Q(payout=None),
                name="discrepancy_of_payout_open_once",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def subject(self) -> str:
        return self.public_id
