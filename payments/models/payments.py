import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from bookedbarber.accounts.models import Barber, User
from bookedbarber.accounts.models.barbers import get_visibility
from bookedbarber.accounts.roles import Role
from bookedbarber.bookings.models import Appointment
from bookedbarber.foundation import encryption
from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.money import Money
from bookedbarber.foundation.transitions import Transitions
from processors.contract import NextAction
from processors.models import Connection
from processors.states import Environment

from ..states import (
    ASKED_ABOUT_STATES,
    CLOSED_LEG_STATES,
    IN_FLIGHT_STATES,
    LEG_TRANSITIONS,
    PAYMENT_TRANSITIONS,
    SETTLED_LEG_STATES,
    Decision,
    LegOperation,
    LegRole,
    LegState,
    PaymentState,
)
from .instructions import Instruction

_GONE = [PaymentState.FAILED, PaymentState.CANCELED]


class PaymentQuerySet(models.QuerySet["Payment"]):
    def visible_to(self, user: User) -> Self:
        """A client's own payments; for others those of the barbers they may see."""
        if user.role == Role.CLIENT:
            return self.filter(appointment__client__user=user)
        return self.filter(get_visibility(user, "barber__"))

    def with_parts(self) -> Self:
        """With what an answer about a payment needs, in a fixed number of statements."""
        return self.prefetch_related(*PARTS)


class Payment(models.Model):
    """A sale taken through us. `amount` includes `tip`."""

    TRANSITIONS: ClassVar[Transitions] = PAYMENT_TRANSITIONS

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "pay")
    )
    environment = models.CharField(max_length=10, choices=Environment.choices)
    barber = models.ForeignKey(Barber, models.PROTECT, related_name="payments")
    appointment = models.ForeignKey(
        Appointment, models.PROTECT, null=True, blank=True, related_name="payments"
    )
    visit_part = models.PositiveSmallIntegerField(default=1)
    amount_minor = models.BigIntegerField()
    tip_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    decision = models.CharField(max_length=20, choices=Decision.choices)
    decision_facts = models.JSONField(help_text="What the decision rested on, and why.")
    commission_rate = models.DecimalField(max_digits=7, decimal_places=4, help_text="Percent.")
    commission_minor = models.BigIntegerField(help_text="At the rate of the sale.")
    state = models.CharField(max_length=20, choices=PaymentState.choices)
    refunded_minor = models.BigIntegerField(default=0)
    reserved_refund_minor = models.BigIntegerField(default=0)
    disputed_minor = models.BigIntegerField(default=0)
    metadata = models.JSONField(default=dict, blank=True)
    # The payer's tokens by connection, for repeating a call; gone once the payment is final.
    sealed_tokens = models.BinaryField(null=True, editable=False)
    created_by = models.CharField(max_length=60)
    created_at = models.DateTimeField(default=timezone.now)
    completed_at = models.DateTimeField(null=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, tip_minor__gte=0, tip_minor__lt=F("amount_minor")),
                name="payment_amounts_make_sense",
            ),
            models.CheckConstraint(
                condition=Q(commission_minor__gte=0, commission_minor__lte=F("amount_minor")),
                name="payment_commission_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(
                    refunded_minor__gte=0,
                    reserved_refund_minor__gte=0,
                    amount_minor__gte=F("refunded_minor") + F("reserved_refund_minor"),
                ),
                name="payment_refunds_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(state__in=PaymentState.values), name="payment_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(decision__in=Decision.values), name="payment_decision_is_known"
            ),
            models.UniqueConstraint(
                fields=["appointment", "visit_part"],
                condition=~Q(state__in=_GONE),
                name="payment_appointment_once",
            ),
        ]
        indexes = [
            models.Index(fields=["barber", "-id"], name="payment_of_barber"),
            models.Index(fields=["state", "-created_at"], name="payment_by_state"),
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
    def tip(self) -> Money:
        return Money(self.tip_minor, self.currency)

    @property
    def commission(self) -> Money:
        return Money(self.commission_minor, self.currency)

    def seal_tokens(self, tokens: Mapping[int, str]) -> None:
        """Keep the payer's tokens by connection id, encrypted and bound to this row."""
        text = json.dumps({str(key): token for key, token in tokens.items()})
        self.sealed_tokens = encryption.encrypt(text, row=f"payment:{self.public_id}")

    def get_tokens(self) -> dict[int, str]:
        """The payer's tokens by connection id; none once the payment is final.

        :raises CannotDecrypt: the key is gone, or they are another row's.
        """
        if self.sealed_tokens is None:
            return {}
        text = encryption.decrypt(bytes(self.sealed_tokens), row=f"payment:{self.public_id}")
        return {int(key): token for key, token in json.loads(text).items()}

    def list_charged_connections(self) -> list[int]:
        """The accounts that the decision charges: of a split sale the barber's, then ours."""
        part = self.decision_facts.get("commission_leg")
        main = self.decision_facts["connection_id"]
        return [main] if part is None else [main, part["connection_id"]]

    @property
    def status(self) -> str:
        """The state as people see it: refunds and disputes show over `completed`."""
        if self.disputed_minor:
            return "disputed"
        if self.refunded_minor:
            part = self.refunded_minor < self.amount_minor
            return "partially_refunded" if part else "refunded"
        return self.state


class PaymentLegQuerySet(models.QuerySet["PaymentLeg"]):
    def open(self) -> Self:
        """Legs whose outcome is not final."""
        return self.exclude(state__in=SETTLED_LEG_STATES)

    def in_flight(self) -> Self:
        """With a call under way while the lease runs."""
        return self.filter(state__in=IN_FLIGHT_STATES)

    def asked_about(self) -> Self:
        """Legs whose processor is asked what became of them."""
        return self.filter(state__in=ASKED_ABOUT_STATES)


class PaymentLeg(Instruction):
    """One attempt at one connection. Its public id is the idempotency key and our reference."""

    TRANSITIONS: ClassVar[Transitions] = LEG_TRANSITIONS

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "leg")
    )
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="legs")
    role = models.CharField(max_length=20, choices=LegRole.choices)
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="legs")
    tip_minor = models.BigIntegerField(default=0)
    state = models.CharField(max_length=20, choices=LegState.choices)
    operation = models.CharField(max_length=20, choices=LegOperation.choices)
    is_two_step = models.BooleanField(
        default=False, help_text="Authorized first and captured later: a part of a split sale."
    )
    external_id = models.CharField(
        max_length=255, blank=True, help_text="The processor's payment or payment intent."
    )
    # What the payer must do, while that is awaited, and until when.
    sealed_next_action = models.BinaryField(null=True, editable=False)
    action_expires_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(
        null=True, help_text="When a hold that is not captured ends by itself."
    )

    objects = PaymentLegQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, tip_minor__gte=0, tip_minor__lt=F("amount_minor")),
                name="leg_amounts_make_sense",
            ),
            models.CheckConstraint(
                condition=Q(state__in=LegState.values), name="leg_state_is_known"
            ),
            models.UniqueConstraint(
                fields=["payment", "role"],
                condition=~Q(state__in=sorted(CLOSED_LEG_STATES)),
                name="leg_one_live_per_role",
            ),
            models.UniqueConstraint(
                fields=["connection", "external_id"],
                condition=~Q(external_id=""),
                name="leg_external_id_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lease_until"],
                condition=Q(state__in=IN_FLIGHT_STATES),
                name="leg_lease_over",
            ),
            models.Index(
                fields=["next_check_at"],
                condition=Q(state__in=ASKED_ABOUT_STATES),
                name="leg_check",
            ),
        ]

    @property
    def tip(self) -> Money:
        return Money(self.tip_minor, self.currency)

    def seal_next_action(self, action: NextAction) -> bytes:
        """What the payer must do, encrypted and bound to this row: it has a client secret."""
        text = json.dumps(asdict(action))
        return encryption.encrypt(text, row=f"payment_leg:{self.public_id}")

    def get_next_action(self) -> NextAction | None:
        """What the payer must do now, if anything.

        :raises CannotDecrypt: the key is gone, or it is another row's.
        """
        if self.sealed_next_action is None:
            return None
        sealed = bytes(self.sealed_next_action)
        text = encryption.decrypt(sealed, row=f"payment_leg:{self.public_id}")
        return NextAction(**json.loads(text))


# What an answer about payments is made of, besides the payments.
PARTS: tuple[Any, ...] = (
    models.Prefetch("legs", PaymentLeg.objects.select_related("connection")),
    "movements",
)
