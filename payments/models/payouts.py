from datetime import datetime
from functools import partial
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from bookedbarber.accounts.models import Barber, User
from bookedbarber.accounts.models.barbers import get_visibility
from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.money import Money
from bookedbarber.foundation.transitions import Transitions
from processors.models import Connection
from processors.states import Environment

from ..states import (
    OPEN_PAYOUT_STATES,
    PAYOUT_TRANSITIONS,
    BankState,
    PayoutState,
)
from .instructions import Instruction
from .ledger import LedgerEntry
from .transactions import ExternalTransaction

_OPEN = sorted(OPEN_PAYOUT_STATES)


class PayoutDestinationQuerySet(models.QuerySet["PayoutDestination"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(get_visibility(user, "barber__"))


class PayoutDestination(models.Model):
    """The account that a barber's central sales are paid out to, and what it said of itself."""

    barber = models.ForeignKey(Barber, models.PROTECT, related_name="payout_destinations")
    environment = models.CharField(max_length=10, choices=Environment.choices)
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="payout_destinations")
    can_receive = models.BooleanField(help_text="Transfers to it are accepted.")
    pays_to_bank = models.BooleanField(help_text="What arrives goes on to the barber’s bank.")
    obstacle = models.TextField(blank=True, help_text="What is missing, in words.")
    checked_at = models.DateTimeField()

    objects = PayoutDestinationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["barber", "environment"], name="payout_destination_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.connection}"

    @property
    def subject(self) -> str:
        return f"payout_destination:{self.pk}"

    @property
    def is_ready(self) -> bool:
        return self.can_receive and self.pays_to_bank


class PayoutQuerySet(models.QuerySet["Payout"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(get_visibility(user, "barber__"))

    def in_flight(self) -> Self:
        """With a call under way while the lease runs."""
        return self.filter(state=PayoutState.SUBMITTED)

    def asked_about(self) -> Self:
        """Payouts whose processor is asked what became of them."""
        return self.filter(state=PayoutState.UNKNOWN)


class Payout(Instruction):
    """One transfer of what the platform owes a barber; its lines say what for.

    Its public id is the idempotency key and our reference at the processor.
    """

    TRANSITIONS: ClassVar[Transitions] = PAYOUT_TRANSITIONS

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "pyo")
    )
    environment = models.CharField(max_length=10, choices=Environment.choices)
    barber = models.ForeignKey(Barber, models.PROTECT, related_name="payouts")
    connection = models.ForeignKey(
        Connection, models.PROTECT, related_name="payouts", help_text="The platform’s account."
    )
    destination = models.ForeignKey(
        Connection, models.PROTECT, related_name="received_payouts", help_text="The barber’s."
    )
    reversed_minor = models.BigIntegerField(default=0)
    state = models.CharField(max_length=20, choices=PayoutState.choices)
    bank_state = models.CharField(max_length=20, choices=BankState.choices, default=BankState.NONE)
    bank_message = models.TextField(blank=True)
    external_id = models.CharField(max_length=255, blank=True, help_text="The transfer.")
    destination_payment = models.CharField(
        max_length=255, blank=True, help_text="The transfer’s name on the receiving account."
    )
    created_by = models.CharField(max_length=60)
    paid_at = models.DateTimeField(null=True)

    objects = PayoutQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    amount_minor__gt=0, reversed_minor__gte=0, reversed_minor__lte=F("amount_minor")
                ),
                name="payout_amounts_make_sense",
            ),
            models.CheckConstraint(
                condition=Q(state__in=PayoutState.values), name="payout_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(bank_state__in=BankState.values), name="payout_bank_state_is_known"
            ),
            models.UniqueConstraint(
                fields=["environment", "barber", "currency"],
                condition=Q(state__in=_OPEN),
                name="payout_one_open",
            ),
            models.UniqueConstraint(
                fields=["connection", "external_id"],
                condition=~Q(external_id=""),
                name="payout_external_id_once",
            ),
        ]
        indexes = [
            models.Index(fields=["barber", "-id"], name="payout_of_barber"),
            models.Index(
                fields=["lease_until"],
                condition=Q(state=PayoutState.SUBMITTED),
                name="payout_lease",
            ),
            models.Index(
                fields=["next_check_at"],
                condition=Q(state=PayoutState.UNKNOWN),
                name="payout_check",
            ),
            models.Index(
                fields=["destination", "destination_payment"],
                condition=~Q(destination_payment=""),
                name="payout_at_destination",
            ),
        ]

    @property
    def reversed(self) -> Money:
        return Money(self.reversed_minor, self.currency)


class PayoutLine(models.Model):
    """An entry of the barber's payable that a payout reserves and pays, once while it lives.

    `amount` is what it adds to the payout: the entry, turned round, less what is withheld.
    `withheld` is kept back for a fee that was still unknown; the fee's own line gives it back. A
    fee of nothing has no entry, and so neither has that line.
    """

    payout = models.ForeignKey(Payout, models.PROTECT, related_name="lines")
    entry = models.ForeignKey(
        LedgerEntry, models.PROTECT, null=True, blank=True, related_name="payout_lines"
    )
    movement = models.ForeignKey(
        ExternalTransaction, models.PROTECT, null=True, related_name="payout_lines"
    )
    kind = models.CharField(max_length=30, help_text="As in the ledger.")
    amount_minor = models.BigIntegerField()
    withheld_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    released_at = models.DateTimeField(null=True, help_text="The entry is free again.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entry"], condition=Q(released_at=None), name="payout_line_entry_once"
            ),
            models.UniqueConstraint(
                fields=["movement"],
                condition=Q(released_at=None, entry=None),
                name="payout_line_without_entry_once",
            ),
            models.CheckConstraint(
                condition=~Q(entry=None)
                | Q(amount_minor=-F("withheld_minor"), amount_minor__gt=0, movement__isnull=False),
                name="payout_line_without_entry_gives_back",
            ),
        ]
        indexes = [
            models.Index(
                fields=["movement"],
                condition=Q(released_at=None) & ~Q(withheld_minor=0),
                name="payout_line_withheld",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def withheld(self) -> Money:
        return Money(self.withheld_minor, self.currency)

    @property
    def occurred_at(self) -> datetime:
        """The moment of its entry, else of its sale; both must be loaded with it."""
        if self.entry is not None:
            return self.entry.transaction.occurred_at
        assert self.movement is not None  # the constraint says so
        return self.movement.occurred_at
