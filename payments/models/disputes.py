from functools import partial
from typing import ClassVar, Self

from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from bookedbarber.accounts.models import Barber, User
from bookedbarber.accounts.models.barbers import get_visibility
from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.money import Money
from bookedbarber.foundation.transitions import Transitions
from processors.models import Connection

from ..states import (
    DISPUTE_TRANSITIONS,
    OPEN_DISPUTE_STATES,
    DisputeState,
    TransactionKind,
    TransactionState,
)
from .payments import Payment
from .transactions import ExternalTransaction


class DisputeQuerySet(models.QuerySet["Dispute"]):
    def visible_to(self, user: User) -> Self:
        """Disputes of the barbers this person may see; one nobody can place is for admins."""
        return self.filter(get_visibility(user, "barber__"))

    def open(self) -> Self:
        return self.filter(state__in=sorted(OPEN_DISPUTE_STATES))

    def with_withdrawn(self) -> Self:
        """With `withdrawn_minor`: what movements have taken and not given back."""
        moved = (
            ExternalTransaction.objects.filter(
                connection_id=OuterRef("connection_id"),
                group_id=OuterRef("external_id"),
                kind__in=[TransactionKind.DISPUTE, TransactionKind.DISPUTE_WON],
                state=TransactionState.COMPLETED,
            )
            .order_by()
            .values("group_id")
            .annotate(
                withdrawn=Sum(
                    Case(
                        When(kind=TransactionKind.DISPUTE, then=F("amount_minor")),
                        default=-F("amount_minor"),
                    )
                )
            )
        )
        withdrawn = Coalesce(Subquery(moved.values("withdrawn")), Value(0))
        return self.annotate(withdrawn_minor=withdrawn)


class Dispute(models.Model):
    """A payment that the payer's bank questions, as the processor last stated it.

    What money it moved is not kept here: that is the sum of its movements.
    """

    TRANSITIONS: ClassVar[Transitions] = DISPUTE_TRANSITIONS

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "dpt")
    )
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="disputes")
    external_id = models.CharField(max_length=255)
    charge_external_id = models.CharField(max_length=255, help_text="What is disputed.")
    charge = models.ForeignKey(
        ExternalTransaction,
        models.PROTECT,
        null=True,
        related_name="disputes",
        help_text="Its movement, once known.",
    )
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="disputes")
    barber = models.ForeignKey(Barber, models.PROTECT, null=True, related_name="disputes")
    state = models.CharField(max_length=20, choices=DisputeState.choices)
    reason = models.CharField(max_length=100, blank=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    due_by = models.DateTimeField(null=True, help_text="Until then it can be answered.")
    version = models.BigIntegerField(help_text="A higher one is a newer statement.")
    opened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)

    withdrawn_minor: int

    objects = DisputeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "external_id"], name="dispute_once"),
            models.CheckConstraint(
                condition=Q(state__in=DisputeState.values), name="dispute_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="dispute_amount_is_positive"
            ),
        ]
        indexes = [
            models.Index(fields=["barber", "-id"], name="dispute_of_barber"),
            models.Index(fields=["payment"], name="dispute_of_payment"),
            models.Index(
                fields=["due_by"],
                condition=Q(state__in=sorted(OPEN_DISPUTE_STATES)),
                name="dispute_deadline",
            ),
            models.Index(
                fields=["connection", "charge_external_id"],
                condition=Q(charge=None),
                name="dispute_without_charge",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def subject(self) -> str:
        return self.public_id

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def withdrawn(self) -> Money:
        """What movements have taken and not given back; needs `with_withdrawn`."""
        return Money(self.withdrawn_minor, self.currency)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_DISPUTE_STATES
