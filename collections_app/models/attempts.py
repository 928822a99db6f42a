from functools import partial
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from bookedbarber.accounts.models import User
from bookedbarber.accounts.models.barbers import get_visibility
from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.transitions import Transitions
from payments.models.instructions import Instruction
from processors.models import Connection

from ..states import (
    ATTEMPT_TRANSITIONS,
    LIVE_ATTEMPT_STATES,
    AttemptState,
    CollectionMethod,
    FailureClass,
)
from .collections import PlatformCollection
from .mandates import Mandate

_LIVE = sorted(LIVE_ATTEMPT_STATES)
_ASKED_ABOUT = [AttemptState.UNKNOWN, AttemptState.PENDING]


class CollectionAttemptQuerySet(models.QuerySet["CollectionAttempt"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(get_visibility(user, "collection__barber__"))

    def in_flight(self) -> Self:
        """With a call under way while the lease runs."""
        return self.filter(state=AttemptState.SUBMITTED)

    def asked_about(self) -> Self:
        """Attempts whose processor is asked what became of them, now or within days."""
        return self.filter(state__in=_ASKED_ABOUT)


class CollectionAttempt(Instruction):
    """One try to take a collection's money; its public id is the idempotency key.

    Another one follows only after a definite failure or a return.
    """

    TRANSITIONS: ClassVar[Transitions] = ATTEMPT_TRANSITIONS

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "cat")
    )
    collection = models.ForeignKey(PlatformCollection, models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField()
    method = models.CharField(max_length=20, choices=CollectionMethod.choices)
    state = models.CharField(max_length=20, choices=AttemptState.choices)
    mandate = models.ForeignKey(Mandate, models.PROTECT, null=True, related_name="attempts")
    connection = models.ForeignKey(  # type: ignore[assignment]
        Connection,
        models.PROTECT,
        null=True,
        related_name="collection_attempts",
        help_text="The platform’s account; none by hand or from a payout.",
    )
    external_id = models.CharField(
        max_length=255, blank=True, help_text="The processor’s payment intent."
    )
    reference = models.CharField(max_length=255, blank=True, help_text="Of what was paid by hand.")
    # What can help, rather than who refused.
    failure_kind = None  # type: ignore[assignment]
    failure_class = models.CharField(max_length=20, choices=FailureClass.choices, blank=True)
    by = models.CharField(max_length=60)
    reason = models.TextField(blank=True)
    settled_at = models.DateTimeField(null=True)

    objects = CollectionAttemptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="collection_attempt_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(state__in=AttemptState.values),
                name="collection_attempt_state_is_known",
            ),
            models.UniqueConstraint(
                fields=["collection", "number"], name="collection_attempt_number_once"
            ),
            models.UniqueConstraint(
                fields=["collection"],
                condition=Q(state__in=_LIVE),
                name="collection_attempt_one_live",
            ),
            models.UniqueConstraint(
                fields=["connection", "external_id"],
                condition=~Q(external_id=""),
                name="collection_attempt_external_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lease_until"],
                condition=Q(state=AttemptState.SUBMITTED),
                name="collection_attempt_lease",
            ),
            models.Index(
                fields=["next_check_at"],
                condition=Q(state__in=_ASKED_ABOUT),
                name="collection_attempt_check",
            ),
        ]
