from datetime import datetime
from functools import partial
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from bookedbarber.accounts.models import Barber, User
from bookedbarber.accounts.models.barbers import get_visibility
from bookedbarber.foundation.ids import new_public_id
from bookedbarber.foundation.money import Money
from bookedbarber.foundation.transitions import Transitions
from payments.models import Accrual
from processors.states import Environment

from ..states import (
    COLLECTION_TRANSITIONS,
    LINE_TRANSITIONS,
    OPEN_COLLECTION_STATES,
    CollectionKind,
    CollectionState,
    ContestDecision,
    LineState,
)

# Something is still to be tried, now or after what is under way.
_WAITING = [CollectionState.PENDING, CollectionState.DUE, CollectionState.PROCESSING]


class PlatformCollectionQuerySet(models.QuerySet["PlatformCollection"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(get_visibility(user, "barber__"))

    def open(self) -> Self:
        """Still owed."""
        return self.filter(state__in=OPEN_COLLECTION_STATES)


class PlatformCollection(models.Model):
    """What the platform collects from a barber for one period, in one currency.

    Its lines are accruals; `amount` is the sum of the live ones. The period's days are the
    barber's own and half-open; late accruals of earlier days are among its lines, too.
    """

    TRANSITIONS: ClassVar[Transitions] = COLLECTION_TRANSITIONS

    public_id = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(new_public_id, "col")
    )
    environment = models.CharField(max_length=10, choices=Environment.choices)
    barber = models.ForeignKey(Barber, models.PROTECT, related_name="collections")
    kind = models.CharField(max_length=20, choices=CollectionKind.choices)
    period_start = models.DateField()
    period_end = models.DateField(help_text="The day after its last.")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    line_count = models.PositiveIntegerField(help_text="Live lines.")
    state = models.CharField(
        max_length=20, choices=CollectionState.choices, default=CollectionState.PENDING
    )
    contest_until = models.DateTimeField(help_text="Until then its lines can be contested.")
    due_at = models.DateTimeField(help_text="From then on it may be taken.")
    noticed_at = models.DateTimeField(null=True, help_text="When the barber was told of it.")
    next_attempt_at = models.DateTimeField(null=True, help_text="None: by a person only.")
    attempt_count = models.PositiveIntegerField(default=0)
    failure_code = models.CharField(max_length=100, blank=True)
    failure_message = models.TextField(blank=True)
    built_by = models.CharField(max_length=60)
    created_at = models.DateTimeField(default=timezone.now)
    collected_at = models.DateTimeField(null=True)

    objects = PlatformCollectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, line_count__gt=0)
                | Q(state=CollectionState.CANCELED),
                name="collection_amount_is_positive",
            ),
            models.CheckConstraint(
                condition=Q(state__in=CollectionState.values), name="collection_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(period_end__gt=F("period_start")), name="collection_period_has_days"
            ),
            models.UniqueConstraint(
                fields=["environment", "barber", "currency", "kind", "period_end"],
                condition=~Q(state=CollectionState.CANCELED),
                name="collection_of_period_once",
            ),
        ]
        indexes = [
            models.Index(fields=["barber", "-id"], name="collection_of_barber"),
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(state__in=_WAITING),
                name="collection_next_attempt",
            ),
            models.Index(
                fields=["due_at"],
                condition=Q(state=CollectionState.PENDING),
                name="collection_becomes_due",
            ),
            models.Index(
                fields=["id"],
                condition=Q(state__in=[CollectionState.FAILED, CollectionState.DISPUTED]),
                name="collection_in_trouble",
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

    def is_contestable(self, *, now: datetime) -> bool:
        """Whether the barber may still contest what it collects."""
        return self.state == CollectionState.PENDING and now < self.contest_until


class CollectionLineQuerySet(models.QuerySet["CollectionLine"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(get_visibility(user, "collection__barber__"))

    def live(self) -> Self:
        return self.filter(state=LineState.LIVE)

    def with_facts(self) -> Self:
        """With all that `queries.lines` looks at, in the same statement."""
        return self.select_related(
            "collection",
            "accrual__sale__payment__appointment",
            "accrual__sale__connection",
            "accrual__corrects__sale__payment__appointment",
            "accrual__corrects__sale__connection",
        )


class CollectionLine(models.Model):
    """An accrual in a collection; in one at most that is not released."""

    TRANSITIONS: ClassVar[Transitions] = LINE_TRANSITIONS

    collection = models.ForeignKey(PlatformCollection, models.PROTECT, related_name="lines")
    accrual = models.ForeignKey(
        Accrual, models.PROTECT, db_index=False, related_name="collection_lines"
    )
    amount_minor = models.BigIntegerField()
    state = models.CharField(max_length=20, choices=LineState.choices, default=LineState.LIVE)
    contest_reason = models.TextField(blank=True, default="", db_default="")
    contested_by = models.CharField(max_length=60, blank=True, default="", db_default="")
    contested_at = models.DateTimeField(null=True)
    decision = models.CharField(
        max_length=20, choices=ContestDecision.choices, blank=True, default="", db_default=""
    )
    decided_at = models.DateTimeField(null=True)

    objects = CollectionLineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["accrual"],
                condition=~Q(state=LineState.RELEASED),
                name="collection_line_accrual_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=LineState.values), name="collection_line_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=LineState.CONTESTED)
                | (~Q(contest_reason="") & Q(contested_at__isnull=False)),
                name="collection_line_contest_has_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["accrual"],
                condition=Q(state=LineState.RELEASED),
                name="collection_line_released",
            ),
            models.Index(
                fields=["id"],
                condition=Q(state=LineState.CONTESTED),
                name="collection_line_contested",
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def subject(self) -> str:
        return f"collection_line:{self.pk}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.collection.currency)
