from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from bookedbarber.accounts.models import Barber, User
from bookedbarber.accounts.models.barbers import get_visibility
from bookedbarber.foundation.money import Money
from processors.models import Connection

from ..rules.movements import DISPUTE_KINDS, FAMILY_KINDS, get_sign
from ..states import GROUPED_KINDS, Purpose, TransactionKind, TransactionState
from .payments import Payment


class TransactionQuerySet(models.QuerySet["ExternalTransaction"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(get_visibility(user, "barber__"))

    def completed(self) -> Self:
        return self.filter(state=TransactionState.COMPLETED)

    def waiting(self) -> Self:
        """What names a movement that is not recorded, or that waits itself."""
        unplaced = Q(parent=None) | Q(kind=TransactionKind.REFUND_FAILED)
        return (
            self.filter(unplaced, sale=None)
            .exclude(parent_external_id="")
            .exclude(purpose__in=[Purpose.UNEXPLAINED, Purpose.OWN])
        )


class ExternalTransaction(models.Model):
    """One movement of money on one connection, named by the object that moved it.

    Written only by `record_movements`. `amount` is gross and includes `tip`; `fee` is NULL until
    the processor names it. `base` is what commission is taken of, at `commission_rate` percent;
    the main part of a split sale bears the base of the whole. What is about another movement
    names it; `parent` and `sale` (the charge at the root) follow as soon as that one is known.
    """

    owner_id = models.BigIntegerField(help_text="The connection's owner; 0 is the platform.")
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="transactions")
    kind = models.CharField(max_length=20, choices=TransactionKind.choices)
    external_id = models.CharField(max_length=255)
    group_id = models.CharField(max_length=255, help_text="The payment around it.")
    our_reference = models.CharField(max_length=100, blank=True)
    parent_external_id = models.CharField(max_length=255, blank=True, default="", db_default="")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="children", db_index=False
    )
    sale = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="family", db_index=False
    )
    barber = models.ForeignKey(
        Barber, models.PROTECT, null=True, related_name="external_transactions"
    )
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="movements")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    state = models.CharField(max_length=20, choices=TransactionState.choices)
    amount_minor = models.BigIntegerField()
    tip_minor = models.BigIntegerField(default=0)
    fee_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    base_minor = models.BigIntegerField()
    commission_rate = models.DecimalField(max_digits=7, decimal_places=4)
    method = models.CharField(max_length=20)
    digest = models.CharField(max_length=64, help_text="SHA-256 of what the processor states.")
    version = models.BigIntegerField(help_text="A higher one is a newer statement.")
    occurred_at = models.DateTimeField()
    local_day = models.DateField(help_text="The barber's day; a later change of zone moves none.")
    available_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = TransactionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "kind", "external_id"], name="movement_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, tip_minor__gte=0)
                & Q(tip_minor__lte=F("amount_minor")),
                name="movement_amounts_make_sense",
            ),
            models.CheckConstraint(
                condition=Q(state__in=TransactionState.values), name="movement_state_is_known"
            ),
            models.CheckConstraint(
                # A split sale's main part bears the base of the whole payment.
                condition=Q(base_minor__gte=0)
                & (Q(base_minor__lte=F("amount_minor")) | ~Q(payment=None)),
                name="movement_base_makes_sense",
            ),
        ]
        indexes = [
            models.Index(fields=["barber", "-occurred_at", "-id"], name="movement_of_barber"),
            models.Index(
                fields=["connection", "-occurred_at", "-id"], name="movement_of_connection"
            ),
            models.Index(fields=["state", "-occurred_at"], name="movement_by_state"),
            models.Index(fields=["id"], condition=Q(fee_minor=None), name="movement_fee_unknown"),
            models.Index(fields=["sale", "id"], condition=~Q(sale=None), name="movement_of_sale"),
            models.Index(
                fields=["connection", "parent_external_id"],
                condition=Q(sale=None) & ~Q(parent_external_id=""),
                name="movement_waits_for_parent",
            ),
            models.Index(
                fields=["connection", "group_id"],
                condition=Q(kind__in=GROUPED_KINDS),
                name="movement_by_group",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.external_id}"

    @property
    def is_sale(self) -> bool:
        """Whether it took a payer's money for a barber's work."""
        return self.kind == TransactionKind.CHARGE and self.purpose == Purpose.SALE

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    def get_left(self) -> Money:
        """What of a charge is left on the account: neither refunded nor withdrawn for a dispute."""
        return Money(max(0, self.amount_minor + self._sum_family(FAMILY_KINDS)), self.currency)

    def get_disputed(self) -> Money:
        """What of a charge is withdrawn for disputes."""
        return Money(max(0, -self._sum_family(DISPUTE_KINDS)), self.currency)

    def _sum_family(self, kinds: frozenset[TransactionKind]) -> int:
        moved = self.family.completed().filter(kind__in=sorted(kinds))
        rows = moved.values_list("kind", "amount_minor")
        return sum(get_sign(kind) * amount_minor for kind, amount_minor in rows)

    @property
    def fee(self) -> Money | None:
        return None if self.fee_minor is None else Money(self.fee_minor, self.currency)


class ExternalPayload(models.Model):
    """What the processor said, word for word; the only part that archiving moves."""

    transaction = models.OneToOneField(
        ExternalTransaction, models.CASCADE, primary_key=True, related_name="payload"
    )
    raw = models.JSONField()

    def __str__(self) -> str:
        return f"payload of {self.pk}"
