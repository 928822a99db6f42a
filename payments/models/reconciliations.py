from functools import partial
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bookedbarber.accounts.models import User
from bookedbarber.accounts.models.barbers import get_visibility
from bookedbarber.bookings.models import Appointment
from bookedbarber.foundation.ids import new_public_id
from processors.models import Connection

from ..states import MatchRule, ReconciliationOutcome, TransactionState
from .discrepancies import Discrepancy
from .transactions import ExternalTransaction


class ReconciliationRunQuerySet(models.QuerySet["ReconciliationRun"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(get_visibility(user, "connection__owner__"))

    def completed(self) -> Self:
        return self.filter(outcome=ReconciliationOutcome.COMPLETED)


class ReconciliationRun(models.Model):
    """One comparison of an account with our records, over [since, until).

    `there` are the processor's completed movements, of which `matched` are here and the same.
    """

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "rec")
    )
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="reconciliations")
    requested_by = models.CharField(max_length=100)
    since = models.DateTimeField()
    until = models.DateTimeField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, choices=ReconciliationOutcome.choices, blank=True)
    error = models.TextField(blank=True)
    here = models.PositiveBigIntegerField(default=0)
    there = models.PositiveBigIntegerField(default=0)
    matched = models.PositiveBigIntegerField(default=0)
    sales_there = models.PositiveBigIntegerField(default=0)
    sales_missing = models.PositiveBigIntegerField(default=0)
    found = models.JSONField(default=dict, help_text="Differences by kind.")
    opened = models.PositiveBigIntegerField(default=0)
    resolved = models.PositiveBigIntegerField(default=0)
    unreadable_count = models.PositiveBigIntegerField(default=0)

    objects = ReconciliationRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["", *ReconciliationOutcome.values]),
                name="reconciliation_outcome_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "-id"], name="reconciliation_of_connection"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def status(self) -> str:
        return self.outcome or "running"


class ListedMovement(models.Model):
    """A movement as the processor lists it, while a run compares it; gone when that ends.

    `raw` is kept of what is not recorded here. One that `is_mentioned` only stands in a payout's
    entries, with its name and amount.
    """

    run = models.ForeignKey(
        ReconciliationRun, models.CASCADE, related_name="listed", db_index=False
    )
    kind = models.CharField(max_length=20)
    external_id = models.CharField(max_length=255)
    group_id = models.CharField(max_length=255)
    our_reference = models.CharField(max_length=100)
    parent_external_id = models.CharField(max_length=255)
    state = models.CharField(max_length=20, choices=TransactionState.choices)
    amount_minor = models.BigIntegerField()
    tip_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    method = models.CharField(max_length=20)
    version = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    available_at = models.DateTimeField(null=True)
    is_mentioned = models.BooleanField(default=False)
    raw = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "kind", "external_id"], name="listed_movement_once"
            ),
        ]
        indexes = [
            # Few of a run's, and asked for beside a million that are described.
            models.Index(
                fields=["run", "kind", "external_id"],
                name="listed_movement_mentioned",
                condition=Q(is_mentioned=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.external_id}"


class Correction(models.Model):
    """The processor's word about a completed movement, taken over by movements of their own.

    The movement itself stays as it was recorded: `taken_back` gives back what was too much of it,
    `added` is what was missing. From then on the figures here are what it is compared with;
    `state` is empty where the processor has no such object.
    """

    discrepancy = models.OneToOneField(Discrepancy, models.PROTECT, related_name="correction")
    transaction = models.ForeignKey(ExternalTransaction, models.PROTECT, related_name="corrections")
    state = models.CharField(max_length=20, choices=TransactionState.choices, blank=True)
    amount_minor = models.BigIntegerField()
    tip_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    taken_back = models.OneToOneField(
        ExternalTransaction, models.PROTECT, null=True, related_name="takes_back"
    )
    added = models.OneToOneField(
        ExternalTransaction, models.PROTECT, null=True, related_name="adds_to"
    )
    made_by = models.CharField(max_length=100)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"correction of {self.transaction_id}"


class VisitMatchQuerySet(models.QuerySet["VisitMatch"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(get_visibility(user, "transaction__barber__"))


class VisitMatch(models.Model):
    """A sale taken without us, and the only appointment that it can have been for."""

    transaction = models.OneToOneField(
        ExternalTransaction, models.PROTECT, related_name="visit_match"
    )
    appointment = models.OneToOneField(Appointment, models.PROTECT, related_name="visit_match")
    rule = models.CharField(max_length=20, choices=MatchRule.choices)
    matched_by = models.CharField(max_length=100)
    matched_at = models.DateTimeField(default=timezone.now)

    objects = VisitMatchQuerySet.as_manager()

    def __str__(self) -> str:
        return f"match of {self.transaction_id}"
