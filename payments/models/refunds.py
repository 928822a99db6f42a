from functools import partial
from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from bookedbarber.accounts.models import User
from bookedbarber.accounts.models.barbers import get_visibility
from bookedbarber.accounts.roles import Role
from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.transitions import Transitions
from processors.models import Connection

from ..states import OPEN_REFUND_STATES, REFUND_TRANSITIONS, RefundState
from .instructions import Instruction
from .payments import Payment, PaymentLeg


class RefundQuerySet(models.QuerySet["Refund"]):
    def visible_to(self, user: User) -> Self:
        """Those of the payments that the user may see."""
        if user.role == Role.CLIENT:
            return self.filter(payment__appointment__client__user=user)
        return self.filter(get_visibility(user, "payment__barber__"))

    def open(self) -> Self:
        """Refunds for which money may still leave."""
        return self.filter(state__in=sorted(OPEN_REFUND_STATES))

    def in_flight(self) -> Self:
        """With a call under way while the lease runs."""
        return self.filter(state=RefundState.SUBMITTED)

    def asked_about(self) -> Self:
        """Pending ones too, since their webhook may be lost, and those of which we have heard
        less than there is to know."""
        return self.filter(next_check_at__isnull=False)

    def of_payers(self) -> Self:
        """What counts against the payment: not what undoes a payment that failed."""
        return self.filter(is_compensation=False)

    def first_parts(self) -> Self:
        """One row for each request."""
        return self.filter(request_id=F("public_id"))

    def with_part_in(self, state: str) -> Self:
        """Requests of which a part is in this state."""
        parts = Refund.objects.filter(request=OuterRef("public_id"), state=state)
        return self.filter(Exists(parts))

    def with_parts(self) -> Self:
        """With what an answer about a request needs, in a fixed number of statements."""
        return self.select_related("payment").prefetch_related("parts__leg__connection")


class Refund(Instruction):
    """Money given back through one leg. Its public id is the idempotency key and our reference.

    A request that is shared over several legs has a row for each; `request` is the first of them.
    """

    TRANSITIONS: ClassVar[Transitions] = REFUND_TRANSITIONS

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "ref")
    )
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    leg = models.ForeignKey(PaymentLeg, models.PROTECT, related_name="refunds")
    request = models.ForeignKey(
        "self", models.PROTECT, to_field="public_id", related_name="parts", editable=False
    )
    reason = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=20, choices=RefundState.choices)
    is_compensation = models.BooleanField(
        default=False, help_text="It undoes a payment that failed; the payer did not ask for it."
    )
    is_foreign = models.BooleanField(
        default=False, help_text="Made at the processor, such as in its dashboard, not by us."
    )
    external_id = models.CharField(max_length=255, blank=True, help_text="The processor's refund.")
    created_by = models.CharField(max_length=60)

    objects = RefundQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="refund_amount_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(state__in=RefundState.values), name="refund_state_is_known"
            ),
            # A leg is of one connection, so this is once for each connection too.
            models.UniqueConstraint(
                fields=["leg", "external_id"],
                condition=~Q(external_id=""),
                name="refund_external_id_once",
            ),
            models.UniqueConstraint(fields=["request", "leg"], name="refund_leg_once_per_request"),
        ]
        indexes = [
            models.Index(
                fields=["lease_until"],
                condition=Q(state=RefundState.SUBMITTED),
                name="refund_lease",
            ),
            models.Index(
                fields=["next_check_at"],
                condition=Q(next_check_at__isnull=False),
                name="refund_check",
            ),
            models.Index(
                fields=["external_id"],
                condition=~Q(external_id=""),
                name="refund_by_external_id",
            ),
        ]

    @property
    def connection(self) -> Connection:
        return self.leg.connection

    @property
    def connection_id(self) -> int:
        return self.leg.connection_id
